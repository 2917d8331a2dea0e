import { defineConfig } from 'vitest/config';

// unit: beside the code, seconds; e2e: crosses tools, real packages; long: campaigns that CI does not run.
export default defineConfig({
  test: {
    maxWorkers: '100%', // the default leaves one of two processors idle
    projects: [
      {
        test: {
          name: 'unit',
          include: ['libs/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'test/structure/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/lib/global-setup.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/lib/global-setup.ts'],
          testTimeout: 7_200_000,
          hookTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
