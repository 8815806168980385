import base from './jest.config.js';

// Apache's own servers and clients on the other side: needs a JDK and Maven.
export default {
  ...base,
  testMatch: ['<rootDir>/test/interop/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Much of it is waiting for others.
  maxWorkers: 3,
  testTimeout: 180_000,
};
