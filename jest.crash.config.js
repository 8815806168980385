import base from './jest.config.js';

// The long crash runs: real processes, real SIGKILL.
export default {
  ...base,
  testMatch: ['<rootDir>/test/crash/long/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each of them leaves half of two cores to the other one.
  maxWorkers: 2,
  testTimeout: 600_000,
};
