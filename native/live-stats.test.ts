import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'

describe('the figures of an engine', () => {
  let model: TinyModel

  beforeAll(() => {
    model = makeTinyModel()
  })
  afterAll(() => model.remove())

  it('F8: show what has come, also in the middle of a step', async () => {
    const shard = await openTiny(model, { prefillChunkTokens: 512, maxBatch: 2, maxWaiting: 8 })
    const promptTokenIds = (salt: number) => Array.from({ length: 200 }, (_, index) => (index * 31 + salt * 7 + 5) % model.vocabSize)
    const runs = [1, 2, 3, 4].map((salt) => runGeneration(shard, { promptTokenIds: promptTokenIds(salt), maxTokens: 250 }))
    // No token of it has been evaluated yet.
    const { running, waiting } = shard.stats()
    expect(running + waiting).toBe(4)
    const seen = new Set<string>()
    let isOver = false
    const over = Promise.all(runs).finally(() => (isOver = true))
    while (!isOver) {
      const { running, waiting } = shard.stats()
      seen.add(`${running} ${waiting}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await over
    // There are two places: two run and two wait until the first one has ended.
    expect([...seen]).toContain('2 2')
    await expect.poll(() => shard.stats()).toMatchObject({ running: 0, waiting: 0 })
    await shard.close()
  })
})
