import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LinkView } from '../../../main/shared/cluster-view.ts'
import { layOut, toEdges } from './topology-graph.ts'

const links = z.array(LinkView).parse([
  { from: 'a', to: 'b', kind: 'tcp', address: '10.0.0.2', roundTripMs: 0.5 },
  { from: 'b', to: 'a', kind: 'rdma', device: 'rdma_en3', roundTripMs: null },
  { from: 'a', to: 'b', kind: 'rdma', device: 'rdma_en2', gigabitsPerSecond: 80, roundTripMs: 0.01 },
  { from: 'c', to: 'a', kind: 'tcp', address: '10.0.0.1', medium: 'wifi', roundTripMs: null },
])

describe('toEdges', () => {
  it('makes one edge of all that joins two machines, RDMA first', () => {
    expect(toEdges(links)).toEqual([
      {
        ends: ['a', 'b'],
        kind: 'rdma',
        medium: 'thunderbolt',
        gigabitsPerSecond: 80,
        roundTripMs: 0.01,
        paths: ['rdma_en3', 'rdma_en2', '10.0.0.2'],
      },
      { ends: ['a', 'c'], kind: 'tcp', medium: 'wifi', gigabitsPerSecond: null, roundTripMs: null, paths: ['10.0.0.1'] },
    ])
  })
})

describe('B1: the paths of an edge', () => {
  it('say whether what models send there is encrypted', () => {
    const told = links.map((link, index) => (link.kind === 'tcp' ? { ...link, sealed: index === 0 } : link))
    expect(toEdges(told).map(({ paths }) => paths)).toEqual([
      ['rdma_en3', 'rdma_en2', '10.0.0.2 (encrypted)'],
      ['10.0.0.1 (not encrypted)'],
    ])
  })
})

describe('layOut', () => {
  const card = { width: 196, height: 84 }
  it('puts up to 32 cards inside the drawing, none on another', () => {
    for (let count = 1; count <= 32; count += 1) {
      const { width, height, centers } = layOut(count, card)
      const isInside = ({ x, y }: { x: number; y: number }): boolean =>
        x >= card.width / 2 && y >= card.height / 2 && x <= width - card.width / 2 && y <= height - card.height / 2
      const overlaps = centers.flatMap((first, index) =>
        centers
          .slice(index + 1)
          .filter((second) => Math.abs(first.x - second.x) < card.width && Math.abs(first.y - second.y) < card.height),
      )
      expect({ count, places: centers.length, isInside: centers.every(isInside), overlaps }).toEqual({
        count,
        places: count,
        isInside: true,
        overlaps: [],
      })
    }
  })
})
