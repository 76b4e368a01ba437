import { describe, expect, it } from 'vitest'
import { describeDecoder } from '../family/describe-decoder.ts'
import { SharedKeys } from './shared-keys.ts'

/** Six layers, windowed, windowed and full by turns; the last three share the keys of layers 1 and 2. */
const model = describeDecoder(
  {
    model_type: 'gemma4_text',
    num_hidden_layers: 6,
    sliding_window_pattern: 3,
    num_kv_shared_layers: 3,
    num_key_value_heads: 2,
    head_dim: 8,
  },
  'config.json',
)
const own = { keysOf: -1, areKeysReceived: false, areKeysSent: false }

describe('SharedKeys', () => {
  it('refers to the last earlier layer of the same kind', () => {
    const whole = new SharedKeys(model, { start: 0, end: 6 })
    expect(whole.of(1)).toEqual(own)
    expect([3, 4, 5].map((layer) => whole.of(layer).keysOf)).toEqual([1, 1, 2])
    expect(whole.received()).toEqual([])
  })

  it('sends keys on where a pipeline is cut between them and their users', () => {
    const first = new SharedKeys(model, { start: 0, end: 2 })
    expect(first.of(1)).toEqual({ ...own, areKeysSent: true })
    expect(first.of(0)).toEqual(own)
    const middle = new SharedKeys(model, { start: 2, end: 4 })
    expect(middle.of(2)).toEqual({ ...own, areKeysSent: true })
    expect(middle.of(3)).toEqual({ ...own, areKeysReceived: true })
    expect(middle.received()).toEqual([{ layer: 1, width: 2 * 2 * 8, areSent: true }])
    const last = new SharedKeys(model, { start: 4, end: 6 })
    expect(last.of(4)).toEqual({ ...own, areKeysReceived: true })
    expect(last.received().map(({ layer }) => layer)).toEqual([0, 1])
  })

  it('stores received keys once for all their users', () => {
    const last = new SharedKeys(model, { start: 3, end: 6 })
    expect(last.of(3).areKeysReceived).toBe(true)
    expect(last.of(4)).toEqual({ ...own, keysOf: 0 })
  })
})
