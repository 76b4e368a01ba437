import { expect, it } from 'vitest'
import type { GenerationId } from '../main/shared/ids.ts'
import { openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel } from './__fixtures__/tiny-model.ts'

const REQUESTS = 500
const AT_ONCE = 24

/** Integers from 0 to below `limit`, the same for the same seed. */
function randomIntegers(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761) >>> 0
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

it(`${REQUESTS} generations of random lengths, cancels and stops: each ends as it must, and their memory comes back`, {
  timeout: 120_000,
}, async () => {
  const model = makeTinyModel()
  const shard = await openTiny(model, {
    contextTokens: 1024,
    prefillChunkTokens: 200,
    maxBatch: 8,
    maxWaiting: AT_ONCE,
    prefixCacheBytes: 4 << 20,
  })
  const usedBytes = (): number => shard.stats().activeBytes - shard.stats().prefixCacheBytes

  async function run(index: number): Promise<void> {
    const below = randomIntegers(index)
    const document = below(8)
    const id = `soak-${index}` as GenerationId
    const promptTokenIds = [
      ...Array.from({ length: below(400) }, (_, at) => (at * 7 + document * 31) % 200),
      ...Array.from({ length: 1 + below(100) }, () => below(200)),
    ]
    const maxTokens = 1 + below(80)
    const leavesAt = below(3) === 0 ? below(maxTokens) : Infinity
    const stopTokenIds = below(3) === 0 ? [below(200), below(200), below(200)] : []
    if (leavesAt === 0) queueMicrotask(() => shard.cancel(id))
    let tokens = 0
    const { last, tokenIds } = await runGeneration(
      shard,
      { id, promptTokenIds, maxTokens, stopTokenIds, sampling: { temperature: below(2) * 0.9, seed: String(index) } },
      (event) => {
        if (event.type === 'token-delta' && ++tokens === leavesAt) shard.cancel(id)
      },
    )
    if (last.type !== 'generation-end') throw new Error(JSON.stringify(last))
    if (last.finishReason === 'length') expect(tokenIds).toHaveLength(maxTokens)
    else if (last.finishReason === 'stop') expect(stopTokenIds).toContain(tokenIds.at(-1))
    else expect(leavesAt).toBeLessThan(Infinity)
  }

  async function runAll(first: number, count: number): Promise<void> {
    let next = first
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < first + count) await run(next++)
      }),
    )
    await expect.poll(() => shard.stats(), { timeout: 10_000 }).toMatchObject({ running: 0, waiting: 0, kvBytes: 0 })
  }

  await runAll(0, AT_ONCE)
  const before = usedBytes()
  await runAll(AT_ONCE, REQUESTS)
  expect(usedBytes() - before).toBeLessThan(1e6)
  await shard.close()
  model.remove()
})
