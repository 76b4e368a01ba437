import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { UnreachedNodes } from './unreached-nodes.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]

describe('UnreachedNodes', () => {
  it('waits a second for a node whose link broke, and hardly for one that had been silent', () => {
    const unreached = new UnreachedNodes()
    const lookAt = (nowMs: number): string[] => unreached.look([a, b], new Set(), nowMs, (nodeId) => nodeId === b)
    expect(lookAt(0)).toEqual([])
    expect([...unreached.nodes()]).toEqual([a, b])
    expect([lookAt(200), lookAt(300), lookAt(900), lookAt(1000)]).toEqual([[], [b], [], [a]])
  })

  it('forgets that it waited once the node is back', () => {
    const unreached = new UnreachedNodes()
    unreached.look([a], new Set(), 0, () => false)
    unreached.look([a], new Set([a]), 900, () => false)
    expect([...unreached.nodes()]).toEqual([])
    unreached.look([a], new Set(), 950, () => false)
    expect(unreached.look([a], new Set(), 1000, () => false)).toEqual([])
  })
})
