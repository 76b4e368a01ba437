import { describe, expect, it } from 'vitest'
import { isTree, newestLeaf, pathTo, siblingVersions } from './chat-tree.ts'

const at = (id: string, parentId: string | null) => ({ id, parentId })
/** Two first questions; the first has two answers, of which the first goes on. */
const tree = [at('q1', null), at('a1', 'q1'), at('q2', 'a1'), at('a2', 'q2'), at('a1b', 'q1'), at('q1b', null)]
const ids = (messages: readonly { id: string }[]): string[] => messages.map(({ id }) => id)

describe('the tree of a chat', () => {
  it('has a path to each message', () => {
    expect(ids(pathTo(tree, 'a2'))).toEqual(['q1', 'a1', 'q2', 'a2'])
    expect([ids(pathTo(tree, 'q1b')), ids(pathTo(tree, 'unknown')), ids(pathTo(tree, null))]).toEqual([['q1b'], [], []])
  })
  it('has a newest leaf below each message', () => {
    expect([newestLeaf(tree, 'a1'), newestLeaf(tree, 'q1'), newestLeaf(tree, null), newestLeaf(tree, 'a2')]).toEqual([
      'a2',
      'a1b',
      'q1b',
      'a2',
    ])
  })
  it('knows the versions of a message', () => {
    expect([ids(siblingVersions(tree, 'a1b')), ids(siblingVersions(tree, 'q1')), siblingVersions(tree, 'unknown')]).toEqual([
      ['a1', 'a1b'],
      ['q1', 'q1b'],
      [],
    ])
  })
  it('ends on a circle, which an import refuses', () => {
    const circle = [at('a', 'b'), at('b', 'a')]
    expect([pathTo(circle, 'a').length <= 3, typeof newestLeaf(circle, 'a')]).toEqual([true, 'string'])
    expect([isTree(circle), isTree(tree), isTree([at('a', null), at('a', null)])]).toEqual([false, true, false])
  })
})
