import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{reference,generators,conformance,reports,command,containers}/**/*.test.ts'],
    testTimeout: 30_000,
    // Test files of a worker share their modules: loading them anew for each file took six times as long as the tests.
    isolate: false,
  },
});
