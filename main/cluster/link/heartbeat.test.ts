import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHeartbeat, parseHeartbeat } from './heartbeat.ts'

const timeMs = fc.double({ min: 0, max: 1e15, noNaN: true })

describe('heartbeats', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(timeMs, fc.option(timeMs), timeMs, (sentMs, echoMs, heldMs) => {
        expect(parseHeartbeat(formatHeartbeat({ sentMs, echoMs, heldMs }))).toEqual({ sentMs, echoMs, heldMs })
      }),
    )
  })
  it('are refused when they make no sense', () => {
    expect([parseHeartbeat(Buffer.alloc(23)), parseHeartbeat(formatHeartbeat({ sentMs: Number.NaN, echoMs: 1, heldMs: 1 })), parseHeartbeat(formatHeartbeat({ sentMs: 1, echoMs: 1, heldMs: -1 }))]).toEqual([null, null, null])
  })
})
