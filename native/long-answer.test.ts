import { expect, it } from 'vitest'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel } from './__fixtures__/tiny-model.ts'

/** `npm test -- long` takes the sizes of an agent's request, about a minute. */
const [promptTokens, answerTokens] = process.env['EXO_LONG_TESTS'] === undefined ? [2_048, 256] : [8_192, 4_096]
/** What MLX may keep of freed memory without a GPU. */
const CACHE_LIMIT_BYTES = 256 << 20

it('a long answer to a long prompt copies its KV cache once at most, and leaves little memory behind in every step', async () => {
  const model = makeTinyModel()
  const shard = await openTiny(model, { contextTokens: 16_384 }, { useArrays: true, countsSteps: true })
  const promptTokenIds = Array.from({ length: promptTokens }, (_, index) => (index * 31 + 5) % model.vocabSize)
  const run = await runGeneration(shard, { promptTokenIds, maxTokens: answerTokens })
  expect(run.tokenIds).toHaveLength(answerTokens)
  const counts = shard.stats().counts!
  // The largest of all steps.
  expect(counts.cacheBytes).toBeLessThanOrEqual(CACHE_LIMIT_BYTES)
  // The keys and the values of each layer.
  expect(counts.kvRegrowths).toBeLessThanOrEqual(2 * model.layers)
  await shard.close()
  model.remove()
}, 600_000)
