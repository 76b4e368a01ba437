import { expect, it } from 'vitest'
import { compareContexts } from './compare-contexts.ts'
import type { Contestant } from './contestant.ts'

const contestant = (name: string, msPerToken: number): Contestant => ({
  name,
  run: async ({ promptTokenIds, maxTokens }) => ({
    promptTokens: promptTokenIds.length,
    startMs: 0,
    tokenMs: Array.from({ length: maxTokens }, (_, index) => promptTokenIds.length + index * msPerToken),
  }),
  peakMemoryBytes: () => 1,
  stop: async () => undefined,
})

it('compares two programs at each context that the model has', async () => {
  const options = { rounds: 1, maxTokens: 32, vocabSize: 1000, contextTokens: 8192 }
  const rows = await compareContexts([contestant('exo', 10), contestant('llama-server', 20)], options, () => undefined)
  expect(rows.map(({ figure, advantageRatio }) => [figure, Math.round(advantageRatio * 100) / 100])).toEqual([
    ['decodeTokensPerSecond at 64', 2],
    ['prefillTokensPerSecond at 64', 1],
    ['decodeTokensPerSecond at 2000', 2],
    ['prefillTokensPerSecond at 2000', 1],
    ['decodeTokensPerSecond at 7000', 2],
    ['prefillTokensPerSecond at 7000', 1],
  ])
})
