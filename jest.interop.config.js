import base from './jest.config.js';

// Apache's own servers and clients on the other side: needs a JDK and Maven.
export default {
  ...base,
  testMatch: ['<rootDir>/test/interop/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/test/interop/longest-first.mjs',
  // Much of it is waiting for others.
  maxWorkers: 5,
  testTimeout: 180_000,
};
