import { EventEmitter } from 'node:events'
import type { FastifyReply } from 'fastify'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { isStopping, OpenCalls } from './open-calls.ts'

/** A reply whose client stays connected until `close` is emitted. */
function openReply(): { reply: FastifyReply; close: () => void } {
  const raw = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false })
  return { reply: { raw } as unknown as FastifyReply, close: () => raw.emit('close') }
}

describe('open calls', () => {
  let clock: ManualClock
  let calls: OpenCalls
  beforeEach(() => {
    clock = new ManualClock()
    calls = new OpenCalls(clock)
  })

  const runForever = (reply: FastifyReply): Promise<unknown> =>
    calls
      .run(reply, (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))))
      .catch((error: unknown) => error)

  it('are waited for while they drain, no longer than the limit', async () => {
    void runForever(openReply().reply)
    let isDrained = false
    const drained = calls.drain(30_000).then(() => (isDrained = true))
    await clock.advance(29_999)
    expect([isDrained, calls.isDraining]).toEqual([false, true])
    await clock.advance(1)
    await drained
  })

  it('end with their client, and draining ends with the last call', async () => {
    const { reply, close } = openReply()
    const ended = runForever(reply)
    const drained = calls.drain(30_000)
    close()
    expect(await ended).toMatchObject({ code: 'cancelled' })
    await drained
    expect(calls.size).toBe(0)
  })

  it('end when the node stops, which waits for a client that does not read for one second only', async () => {
    const signals: AbortSignal[] = []
    const { reply } = openReply()
    const call = calls
      .run(reply, (signal) => {
        signals.push(signal)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      })
      .catch((error: unknown) => error)
    const ended = calls.end()
    expect(await call).toMatchObject({ code: 'node-stopping' })
    expect(isStopping(signals[0]!)).toBe(true)
    await clock.advance(1000)
    await ended
  })
})
