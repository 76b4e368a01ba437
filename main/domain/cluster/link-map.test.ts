import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { LinkMapEntry } from '../../shared/wire/peer/peer-message.ts'
import { type LinkMap, needsTelling, nextHops, takeEntries } from './link-map.ts'

const node = (name: string): NodeId => NodeId.parse(name)
const entry = (name: string, peers: string, version = 1): LinkMapEntry => ({ nodeId: node(name), version, peers: [...peers].map(node) })
const mapOf = (...entries: LinkMapEntry[]): LinkMap => takeEntries(new Map(), entries).map
const hopsOf = (map: LinkMap, self: string, peers: string): Record<string, string> =>
  Object.fromEntries(nextHops(map, node(self), [...peers].map(node)))

describe('nextHops', () => {
  it('leads to every node that is connected at all, by the shortest way', () => {
    const chain = mapOf(entry('a', 'b'), entry('b', 'ac'), entry('c', 'bd'), entry('d', 'c'))
    expect(hopsOf(chain, 'a', 'b')).toEqual({ b: 'b', c: 'b', d: 'b' })
    expect(hopsOf(chain, 'c', 'bd')).toEqual({ b: 'b', d: 'd', a: 'b' })
    const ring = mapOf(entry('a', 'be'), entry('b', 'ac'), entry('c', 'bd'), entry('d', 'ce'), entry('e', 'da'))
    expect(hopsOf(ring, 'a', 'be')).toEqual({ b: 'b', e: 'e', c: 'b', d: 'e' })
  })
  it('takes that over the smallest id of two equally short ones', () => {
    const square = mapOf(entry('a', 'bc'), entry('b', 'ad'), entry('c', 'ad'), entry('d', 'cb'))
    expect(hopsOf(square, 'a', 'cb')).toEqual({ b: 'b', c: 'c', d: 'b' })
  })
  it('goes over no link that only one end tells of, and needs no word of the peers of this node', () => {
    expect(hopsOf(mapOf(entry('b', 'ac'), entry('c', '')), 'a', 'b')).toEqual({ b: 'b' })
    expect(hopsOf(new Map(), 'a', 'b')).toEqual({ b: 'b' })
    expect(hopsOf(mapOf(entry('b', 'a'), entry('a', 'b')), 'a', '')).toEqual({})
  })
})

describe('takeEntries', () => {
  it('keeps the newest of each node and tells what was new', () => {
    const before = mapOf(entry('a', 'b', 5), entry('b', 'a', 5))
    const { map, news } = takeEntries(before, [entry('a', '', 4), entry('b', '', 6), entry('c', 'a', 0)])
    expect(news).toEqual([entry('b', '', 6), entry('c', 'a', 0)])
    expect([...map.values()]).toEqual([entry('a', 'b', 5), entry('b', '', 6), entry('c', 'a', 0)])
    expect(takeEntries(map, [entry('b', 'x', 6)])).toEqual({ map, news: [] })
  })
})

describe('needsTelling', () => {
  it('leaves out whom the node tells itself', () => {
    expect(['a', 'b', 'c'].map((peer) => needsTelling(entry('a', 'b'), node(peer)))).toEqual([false, false, true])
  })
})
