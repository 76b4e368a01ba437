import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LinkView } from '../../../main/shared/cluster-view.ts'
import { missingPairs, rdmaGrid } from './rdma-grid.ts'

const cable = (from: string, device: string, to: string, peerDevice: string) => [
  { from, to, kind: 'rdma', device, roundTripMs: null },
  { from: to, to: from, kind: 'rdma', device: peerDevice, roundTripMs: null },
]

describe('the RDMA matrix', () => {
  const nodeIds = ['a', 'b', 'c']
  const joined = [...cable('a', 'en2', 'b', 'en3'), ...cable('a', 'en4', 'b', 'en5'), ...cable('b', 'en6', 'c', 'en7')]
  const grid = rdmaGrid(nodeIds, z.array(LinkView).parse([...joined, { from: 'a', to: 'c', kind: 'tcp', address: 'x', roundTripMs: 1 }]))

  it('names the devices on the row that face the column, both where two cables join a pair', () => {
    expect(grid).toEqual([
      [null, ['en2', 'en4'], []],
      [['en3', 'en5'], null, ['en6']],
      [[], ['en7'], null],
    ])
  })
  it('names the pairs that are not joined both ways', () => {
    expect(missingPairs(nodeIds, grid)).toEqual([['a', 'c']])
  })
})
