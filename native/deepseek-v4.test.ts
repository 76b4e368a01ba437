import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RankGroup } from './__fixtures__/rank-group.ts'
import { openTiny } from './__fixtures__/run-generation.ts'
import { writeTinyDeepSeekV4 } from './__fixtures__/tiny-deepseek-v4.ts'
import type { TinyModel } from './__fixtures__/tiny-model.ts'
import type { Shard } from './index.ts'
import { compareShard } from './parity/compare-shard.ts'

const spec = { contextTokens: 512, maxBatch: 4, prefixCacheBytes: 64 << 20 }

/** The answers are mlx-vlm's: see native/parity/record_deepseek_v4.py. */
describe('DeepSeek V4 answers as mlx-vlm does', () => {
  let model: TinyModel

  beforeAll(() => {
    model = writeTinyDeepSeekV4()
    copyFileSync(fileURLToPath(new URL('__fixtures__/deepseek-v4-answers.json', import.meta.url)), join(model.dir, 'answers.json'))
  })
  afterAll(() => model.remove())

  async function expectEqual(shard: Pick<Shard, 'generate'>): Promise<void> {
    const { equalAnswers, worstLogprobDifference } = await compareShard(shard, model.dir)
    expect(equalAnswers).toBe(3)
    expect(worstLogprobDifference).toBeLessThan(2e-3)
  }

  it.each([512, 50])('on one device, in chunks of %i tokens, and again from the prefix cache', async (prefillChunkTokens) => {
    const shard = await openTiny(model, { ...spec, prefillChunkTokens })
    await expectEqual(shard)
    const again = await compareShard(shard, model.dir, { promptLogprobs: false })
    expect(again).toMatchObject({ equalAnswers: 3, answers: 3 })
    expect(again.cachedTokens).toBeGreaterThan(0)
    await shard.close()
  })

  it.each([
    ['pipeline', 2],
    ['pipeline', 4],
    ['tensor', 2],
  ] as const)('as a %s over %i ranks', async (strategy, ranks) => {
    const group = await RankGroup.open({ modelDir: model.dir, layers: model.layers, strategy, ranks, useArrays: true, spec })
    await expectEqual(group)
    await group.close()
  })
})
