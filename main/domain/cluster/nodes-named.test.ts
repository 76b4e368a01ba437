import { describe, expect, it } from 'vitest'
import { nodesNamed } from './nodes-named.ts'

describe('nodesNamed', () => {
  const all = [
    { nodeId: 'aabbcc', name: 'Studio' },
    { nodeId: 'aabbdd', name: 'Laptop' },
  ]

  it.each([
    [['studio'], ['aabbcc']],
    [
      ['aabbdd', 'STUDIO'],
      ['aabbdd', 'aabbcc'],
    ],
    [['aabbc'], ['aabbcc']],
  ])('finds %j', (names, expected) => {
    expect(nodesNamed(names, all).map(({ nodeId }) => nodeId)).toEqual(expected)
  })

  it.each(['desk', 'aabb', ''])('refuses %j', (name) => {
    expect(() => nodesNamed([name], all)).toThrow(expect.objectContaining({ code: 'node-not-found' }))
  })
})
