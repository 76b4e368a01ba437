import { defineConfig } from 'vitest/config'

/** The tests start real processes on a small machine: one file at a time, with generous limits. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
