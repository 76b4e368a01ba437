import { describe, expect, it } from 'vitest'
import { after, joined, tcpLink } from './__fixtures__/builders.ts'
import type { NodeId } from '../../shared/ids.ts'
import { isForming } from './is-forming.ts'

const free = (...names: string[]): Record<NodeId, number> => Object.fromEntries(names.map((name) => [name, 1]))
const link = (from: string, to: string) => ({ type: 'link-observed' as const, link: tcpLink(from, to) })

describe('isForming', () => {
  const linked = after(...joined('a', 'b'), link('a', 'b'), link('b', 'a'))

  it('is over for one node that knows its memory', () => expect(isForming(after(...joined('a')), free('a'))).toBe(false))
  it('lasts until every node has told its memory', () =>
    expect([isForming(linked, free('a')), isForming(linked, free('a', 'b'))]).toEqual([true, false]))
  it('lasts until every node has told whom it reaches', () =>
    expect(isForming(after(...joined('a', 'b'), link('a', 'b')), free('a', 'b'))).toBe(true))
  it('counts a node that is reached twice once', () => {
    const twice = after(...joined('a', 'b', 'c'), link('a', 'b'), {
      type: 'link-observed',
      link: tcpLink('a', 'b', { address: '10.1.0.2' }),
    })
    expect(isForming(twice, free('a', 'b', 'c'))).toBe(true)
  })
})
