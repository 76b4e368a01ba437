import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { sayableName, WaitingNewcomers } from './waiting-newcomers.ts'

const newcomer = (id: string, host = '10.0.0.9', sinceMs = 0) => ({
  nodeId: NodeId.parse(id),
  name: `studio ${id}`,
  address: { host, port: 5000 },
  waitsFor: 'this-side' as const,
  sinceMs,
})

describe('WaitingNewcomers', () => {
  it('are there as long as they knock', () => {
    const waiting = new WaitingNewcomers()
    expect([waiting.heard(newcomer('a'), 0), waiting.heard(newcomer('a'), 30_000)]).toEqual([true, false])
    expect(waiting.list(70_000)).toMatchObject([{ nodeId: 'a', sinceMs: 0, heardMs: 30_000 }])
    expect(waiting.list(80_000)).toEqual([])
  })

  it.each([3_600_000, -3_600_000])('are there for as long when the time of day is set by %i ms', (jumpMs) => {
    const waiting = new WaitingNewcomers()
    waiting.heard(newcomer('a', '10.0.0.9', 1_000_000), 0)
    waiting.heard(newcomer('a', '10.0.0.9', 1_000_000 + jumpMs), 30_000)
    expect(waiting.list(75_000)).toMatchObject([{ sinceMs: 1_000_000 }])
    expect(waiting.list(75_001)).toEqual([])
  })

  it('are few, and those of one address push out none of another', () => {
    const waiting = new WaitingNewcomers()
    for (let index = 0; index < 100; index += 1) waiting.heard(newcomer(`a${index}`), index)
    waiting.heard(newcomer('b', '10.0.0.10'), 100)
    expect(waiting.list(100).map(({ nodeId }) => nodeId)).toEqual(['a0', 'a1', 'a2', 'a3', 'b'])
    for (let index = 0; index < 100; index += 1) waiting.heard(newcomer(`c${index}`, `10.0.1.${index}`), 100)
    expect(waiting.list(100)).toHaveLength(16)
  })
})

describe('sayableName', () => {
  it.each([
    ['studio-3', 'studio-3'],
    ['\u001b[31mred\nnext line', '[31mrednext line'],
    ['moc\u202e.evil', 'moc.evil'],
    ['   ', 'a machine without a name'],
    ['x'.repeat(300), 'x'.repeat(64)],
  ])('%j', (name, said) => {
    expect(sayableName(name)).toBe(said)
  })
})
