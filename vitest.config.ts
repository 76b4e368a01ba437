import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['main/**/*.test.ts', 'native/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
