import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['main/**/*.test.ts', 'native/**/*.test.ts', 'setup/**/*.test.mjs'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
