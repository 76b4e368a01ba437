import { describe, expect, it } from 'vitest'
import { after, aNode } from '../../domain/cluster/__fixtures__/builders.ts'
import { nodesNamed } from './nodes-named.ts'

describe('nodesNamed', () => {
  const state = after(
    { type: 'node-joined', node: aNode('aabbcc', { name: 'Studio' }) },
    { type: 'node-joined', node: aNode('aabbdd', { name: 'Laptop' }) },
  )

  it.each([
    [['studio'], ['aabbcc']],
    [
      ['aabbdd', 'STUDIO'],
      ['aabbdd', 'aabbcc'],
    ],
    [['aabbc'], ['aabbcc']],
  ])('finds %j', (names, expected) => {
    expect(nodesNamed(names, state)).toEqual(expected)
  })

  it.each(['desk', 'aabb', ''])('refuses %j', (name) => {
    expect(() => nodesNamed([name], state)).toThrow(expect.objectContaining({ code: 'node-not-found' }))
  })
})
