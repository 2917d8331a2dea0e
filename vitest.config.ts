import { defineConfig } from 'vitest/config';

// unit: beside the code, milliseconds; tools: one whole tool on archives and trees of the test kit, seconds;
// e2e: crosses tools, real packages; vm: what only a machine that boots can show; long: campaigns that CI does not run.
const WHOLE_TOOLS = ['tools/*/test/whole/*.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: '100%', // the default leaves one of two processors idle
    projects: [
      {
        test: {
          name: 'unit',
          include: ['libs/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'test/{structure,lib}/*.test.ts'],
          exclude: WHOLE_TOOLS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'tools',
          include: WHOLE_TOOLS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/lib/global-setup.ts'],
          setupFiles: ['test/lib/sweep-setup.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          maxWorkers: 2, // composes run on one processor for most of their time
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'vm',
          include: ['test/vm/*.test.ts'],
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
          setupFiles: ['test/lib/sweep-setup.ts'],
          testTimeout: 7_200_000,
          hookTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
