import base from './jest.config.js';

// The long crash runs: real processes, real SIGKILL.
export default {
  ...base,
  testMatch: ['<rootDir>/test/crash/long/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 600_000,
};
