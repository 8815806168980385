import base from './jest.config.js';

// 200,000 headers; some of them are in every `npm test`.
export default {
  ...base,
  testMatch: ['<rootDir>/test/fuzz/long/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 300_000,
};
