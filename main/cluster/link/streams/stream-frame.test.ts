import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatStreamFrame, parseStreamFrame, type StreamFrame } from './stream-frame.ts'

const streamId = fc.integer({ min: 0, max: 0xffffffff })
const frame: fc.Arbitrary<StreamFrame> = fc.oneof(
  fc.record({ type: fc.constantFrom('open' as const, 'data' as const, 'reset' as const), streamId, payload: fc.uint8Array() }),
  fc.record({ type: fc.constant('end' as const), streamId }),
  fc.record({ type: fc.constant('credit' as const), streamId, creditBytes: fc.integer({ min: 0, max: 0xffffffff }) }),
)

describe('stream frames', () => {
  it('come back as they were', () =>
    fc.assert(
      fc.property(frame, (value) => {
        expect(parseStreamFrame(formatStreamFrame(value))).toEqual(value)
      }),
    ))
  it('are never made of other bytes by accident', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const parsed = parseStreamFrame(bytes)
        if (parsed) expect(formatStreamFrame(parsed)).toEqual(bytes)
      }),
    ))
})
