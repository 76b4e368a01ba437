import { describe, expect, it } from 'vitest'
import { NodeId } from '../../../shared/ids.ts'
import { type LossLog, lossyNodes, trackLossyNodes } from './track-lossy-nodes.ts'

const [own, a, b, c] = ['own', 'a', 'b', 'c'].map((name) => NodeId.parse(name)) as [NodeId, NodeId, NodeId, NodeId]
const peers = (...ratios: readonly number[]) =>
  [a, b, c].slice(0, ratios.length).map((nodeId, index) => ({ nodeId, lossRatio: ratios[index]! }))
const found = (...ratios: readonly number[]): string[] => {
  const heard = peers(...ratios)
  return [...lossyNodes(trackLossyNodes(heard, new Map(), 0), heard, own)]
}

describe('lossyNodes', () => {
  it.each([
    ['nobody while little is lost', [0.1, 0, 0.1], []],
    ['the one that is heard badly', [0, 0.3, 0.1], ['b']],
    ['both that are heard badly', [0.5, 0, 0.2], ['a', 'c']],
    ['this node if all are heard badly', [0.3, 0.3, 0.3], ['own']],
    ['nobody of two machines', [0.5], []],
  ])('names %s', (_, ratios, expected) => {
    expect(found(...ratios)).toEqual(expected)
  })

  it('remembers a loss for a minute, also through a new link, and no longer', () => {
    let log: LossLog = trackLossyNodes(peers(0.3, 0, 0), new Map(), 0)
    log = trackLossyNodes(peers(0, 0, 0), log, 59_999)
    expect([...lossyNodes(log, peers(0, 0, 0), own)]).toEqual(['a'])
    log = trackLossyNodes(peers(0, 0, 0), log, 60_000)
    expect([...lossyNodes(log, peers(0, 0, 0), own)]).toEqual([])
  })
})
