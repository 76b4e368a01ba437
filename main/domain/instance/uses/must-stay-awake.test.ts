import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import { mustStayAwake } from './must-stay-awake.ts'

const here = NodeId.parse('a'.repeat(32))
const there = NodeId.parse('b'.repeat(32))
const cluster = (nodeIds: readonly NodeId[], shardNodes: readonly NodeId[]): Parameters<typeof mustStayAwake>[0] => ({
  nodes: Object.fromEntries(nodeIds.map((nodeId) => [nodeId, {}])) as never,
  instances: { i1: { placement: { shards: shardNodes.map((nodeId) => ({ nodeId })) } } } as never,
})

describe('mustStayAwake', () => {
  it.each([
    ['a machine alone without a model', cluster([here], []), false],
    ['a machine alone with a model', cluster([here], [here]), true],
    ['a member of a cluster of two', cluster([here, there], []), true],
    ['a machine whose model is elsewhere, before it knows the other', cluster([here], [there]), false],
    ['a machine that is not in a cluster yet', cluster([], []), false],
  ])('%s', (_, state, expected) => {
    expect(mustStayAwake(state, here)).toBe(expected)
  })
})
