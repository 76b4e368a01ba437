import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mergeBounded } from './merge-bounded.ts'

async function* count(source: number, items: number, ended: Set<number> = new Set()): AsyncGenerator<readonly [number, number]> {
  try {
    for (let item = 0; item < items; item += 1) {
      await Promise.resolve()
      yield [source, item]
    }
  } finally {
    ended.add(source)
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

it('gives every item once, in order within its source, with no more sources open than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 10 }), fc.integer({ min: 1, max: 4 }), async (sizes, limit) => {
      const ended = new Set<number>()
      let started = 0
      let mostOpen = 0
      const sources = sizes.map((size, source) => () => {
        mostOpen = Math.max(mostOpen, ++started - ended.size)
        return count(source, size, ended)
      })
      const merged = await collect(mergeBounded(sources, limit))
      for (const [source, size] of sizes.entries()) {
        expect(merged.filter(([from]) => from === source).map(([, item]) => item)).toEqual(Array.from({ length: size }, (_, item) => item))
      }
      expect(merged).toHaveLength(sizes.reduce((total, size) => total + size, 0))
      expect(mostOpen).toBeLessThanOrEqual(limit)
    }),
  )
})

it('ends all when one fails, and when its reader leaves', async () => {
  const ended = new Set<number>()
  async function* failing(): AsyncGenerator<readonly [number, number]> {
    yield [9, 0]
    throw new Error('broken')
  }
  await expect(collect(mergeBounded([() => count(0, 1000, ended), failing], 2))).rejects.toThrow('broken')
  await expect.poll(() => ended).toEqual(new Set([0]))
  for await (const item of mergeBounded([() => count(1, 1000, ended), () => count(2, 1000, ended)], 2)) if (item) break
  await expect.poll(() => ended).toEqual(new Set([0, 1, 2]))
})
