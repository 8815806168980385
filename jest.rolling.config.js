import base from './jest.config.js';

// Processes of an application that are stopped and started again: real SIGTERM.
export default {
  ...base,
  testMatch: ['<rootDir>/test/rolling/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
