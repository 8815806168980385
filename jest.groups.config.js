import base from './jest.config.js';

// Groups with members of Apache's clients and of ours: real processes, real SIGKILL. Needs a JDK.
export default {
  ...base,
  testMatch: ['<rootDir>/test/groups/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
