import { defineConfig } from 'vitest/config'

/** Real processes on a small machine: one file at a time, and generous limits. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
