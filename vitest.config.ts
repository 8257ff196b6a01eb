import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{reference,generators,conformance,reports,command}/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
