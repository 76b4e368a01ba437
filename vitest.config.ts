import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['main/**/*.test.ts', 'bench/**/*.test.ts', 'native/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'setup/**/*.test.mjs'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
