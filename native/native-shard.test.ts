import { describe, expect, it } from 'vitest'
import type { Binding, EngineEvent } from './binding.ts'
import { NativeShard } from './native-shard.ts'

function open() {
  const engine = { follows: 0, send: (_: EngineEvent): void => undefined }
  class Handle {
    constructor(_: unknown, onEvents: (events: EngineEvent[]) => void) {
      engine.send = (event) => onEvents([event])
    }
    follow(): void {
      engine.follows += 1
    }
    close(): void {}
  }
  const shard = new NativeShard({ ShardHandle: Handle } as unknown as Binding, {} as never, () => undefined)
  shard.loaded.catch(() => undefined)
  return { engine, shard }
}

describe('NativeShard.follow', () => {
  it('follows again when rank 0 begins anew before its last end has been told', async () => {
    const { engine, shard } = open()
    const ended: string[] = []
    const first = shard.follow().then(() => ended.push('first'))
    const second = shard.follow().then(() => ended.push('second'))
    expect(engine.follows).toBe(2)
    engine.send({ type: 'steps-end' })
    await first
    expect(ended).toEqual(['first'])
    engine.send({ type: 'steps-end' })
    await second
  })

  it('rejects all when the engine ends', async () => {
    const { engine, shard } = open()
    const follows = [shard.follow(), shard.follow()]
    engine.send({ type: 'failed', code: 'engine-failed', message: 'a peer is gone' })
    engine.send({ type: 'closed' })
    const results = await Promise.allSettled(follows)
    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(['engine-failed', 'engine-failed'])
  })
})
