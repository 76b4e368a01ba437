import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['main/**/*.test.ts', 'bench/**/*.test.ts', 'native/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'setup/**/*.test.mjs'],
    // A test that imports the text of a style sheet gets it; others are left out, as no test looks at colours.
    css: { include: /\.css\?raw$/ },
    // One worker per core: Vitest leaves one core to itself, which is half of a machine of two.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
