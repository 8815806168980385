export default {
  testEnvironment: '<rootDir>/test/plain-globals.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  setupFiles: ['reflect-metadata'],
  // Jest's own default leaves a core to itself: of two cores it would use one.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '512MB',
  // On a busy machine the end of a process takes longer than the 500 ms after which Jest suspects that tests left something open.
  workerGracefulExitTimeout: 10_000,
  testMatch: [
    '<rootDir>/{src,libs,sample-app/src}/**/*.spec.ts',
    '<rootDir>/test/**/*.spec.ts',
    '<rootDir>/bench/**/*.spec.ts',
  ],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/interop/',
    '<rootDir>/test/groups/',
    '<rootDir>/test/rolling/',
    '<rootDir>/test/crash/long/',
    '<rootDir>/test/fuzz/long/',
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-rocketmq$': '<rootDir>/src/index.ts',
    '^nestjs-rocketmq/testing$': '<rootDir>/src/testing/index.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
};
