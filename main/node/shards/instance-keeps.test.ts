import { describe, expect, it } from 'vitest'
import { InstanceId } from '../../shared/ids.ts'
import { expiryOf, InstanceKeeps, keepsOf } from './instance-keeps.ts'

const [a, b] = [InstanceId.parse('a'), InstanceId.parse('b')]
const there = (...ids: InstanceId[]) => ({ instances: Object.fromEntries(ids.map((id) => [id, {}])) }) as never

describe('InstanceKeeps', () => {
  it('knows the last word on each instance, and forgets those that are gone', () => {
    let nowMs = 1
    const keeps = new InstanceKeeps({ epochMs: () => nowMs })
    keeps.note(a, 5)
    keeps.note(b, null)
    nowMs = 2
    keeps.note(a, 7)
    expect(keeps.list(there(a, b))).toEqual([
      { instanceId: b, keepMs: null, atEpochMs: 1 },
      { instanceId: a, keepMs: 7, atEpochMs: 2 },
    ])
    expect(keeps.list(there(b))).toHaveLength(1)
    expect(keeps.list(there(a, b))).toHaveLength(1)
  })

  it('is bounded', () => {
    const keeps = new InstanceKeeps({ epochMs: () => 0 })
    const ids = Array.from({ length: 3000 }, (_, index) => InstanceId.parse(`i${index}`))
    for (const id of ids) keeps.note(id, 1)
    expect(keeps.list(there(...ids)).length).toBe(1024)
  })
})

describe('keepsOf', () => {
  it('takes the last word of all nodes', () => {
    const keep = (keepMs: number | null, atEpochMs: number) => ({ keeps: [{ instanceId: a, keepMs, atEpochMs }] })
    expect(keepsOf([keep(1, 10), keep(null, 30), keep(2, 20), {}]).get(a)).toMatchObject({ keepMs: null })
  })
})

describe('expiryOf', () => {
  const at = (keepMs: number | null) => new Map([[a, { instanceId: a, keepMs, atEpochMs: 100 }]])
  const instance = { instanceId: a, pinned: false }
  it.each([
    ['what a client said, after the last use', instance, at(50), new Map([[a, 120]]), 1000, 170],
    ['the node’s default', instance, new Map(), new Map([[a, 120]]), 1000, 1120],
    ['never: a client said so', instance, at(null), new Map(), 1000, null],
    ['never: it was placed to stay', { ...instance, pinned: true }, at(50), new Map(), 1000, null],
    ['never: this node unloads nothing', instance, new Map(), new Map(), 0, null],
  ] as const)('%s', (_, placed, keeps, uses, idleUnloadMs, expiry) => {
    expect(expiryOf([placed], keeps, uses, idleUnloadMs, 200)).toBe(expiry)
  })
})
