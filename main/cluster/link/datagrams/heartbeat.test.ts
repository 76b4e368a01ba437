import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHeartbeat, parseHeartbeat } from './heartbeat.ts'

const timeMs = fc.double({ min: 0, max: 1e15, noNaN: true })

describe('heartbeats', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(timeMs, fc.option(timeMs), timeMs, fc.boolean(), (sentMs, echoMs, heldMs, isLossy) => {
        expect(parseHeartbeat(formatHeartbeat({ sentMs, echoMs, heldMs, isLossy }))).toEqual({ sentMs, echoMs, heldMs, isLossy })
      }),
    )
  })
  it('are refused when they make no sense', () => {
    expect([
      parseHeartbeat(Buffer.alloc(24)),
      parseHeartbeat(formatHeartbeat({ sentMs: Number.NaN, echoMs: 1, heldMs: 1, isLossy: false })),
      parseHeartbeat(formatHeartbeat({ sentMs: 1, echoMs: 1, heldMs: -1, isLossy: false })),
    ]).toEqual([null, null, null])
  })
})
