import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamQueue } from './stream-queue.ts'

describe('StreamQueue', () => {
  it('delivers everything in order before its end or failure, whichever side waits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('push', 'read', 'turn')), fc.boolean(), async (acts, fails) => {
        const queue = new StreamQueue<number>()
        const reads: Promise<IteratorResult<number>>[] = []
        let pushed = 0
        for (const act of acts) {
          if (act === 'push') queue.push(pushed++)
          else if (act === 'turn') await Promise.resolve()
          else if (reads.length <= pushed) {
            await reads.at(-1) // like a loop: one read at a time
            if (reads.length < pushed) reads.push(queue.next())
          }
        }
        if (fails) queue.fail(new Error('broken'))
        else queue.end()
        const values = (await Promise.all(reads)).map(({ value }) => value as number)
        const rest = async (): Promise<void> => {
          for await (const value of queue) values.push(value)
        }
        await (fails ? expect(rest()).rejects.toThrow('broken') : rest())
        expect(values).toEqual(Array.from({ length: pushed }, (_, index) => index))
        expect(queue.weight).toBe(0)
        expect(await queue.next()).toEqual({ value: undefined, done: true })
      }),
    )
  })

  it('hands an item to a reader that waits', async () => {
    const queue = new StreamQueue<string>()
    const next = queue.next()
    queue.push('a')
    expect(await next).toEqual({ value: 'a', done: false })
    const failing = queue.next()
    queue.fail(new Error('broken'))
    await expect(failing).rejects.toThrow('broken')
  })

  it('tells the producer when the consumer has caught up, has left, or is no longer waited for', async () => {
    const queue = new StreamQueue<string>()
    queue.push('a', 5)
    queue.push('b', 5)
    let isBelow = false
    const below = queue.whenAtMost(5).then(() => (isBelow = true))
    const abort = new AbortController()
    const aborted = queue.whenAtMost(0, abort.signal)
    await Promise.resolve()
    expect({ isBelow, weight: queue.weight }).toEqual({ isBelow: false, weight: 10 })
    await queue.next()
    await below
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const left = queue.whenAtMost(0)
    await queue.return()
    await left
  })
})
