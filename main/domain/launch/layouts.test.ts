import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { type Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Link, RdmaLink, Topology } from '../../shared/topology.ts'
import { placeInstance } from '../placement/place-instance.ts'
import { type MacLayout, macLayouts } from '../mac/__fixtures__/mac-layouts.ts'
import { cablesWithoutRdma, rdmaLinks } from '../thunderbolt/rdma-links.ts'
import { RecordedHardware, recordedHardwareFacts } from '../mac/recorded-hardware.ts'
import { topologyNode } from '../thunderbolt/topology-node.ts'
import { readJacclAsMlx, readRingAsMlx } from './__fixtures__/read-as-mlx.ts'
import { ringPlace } from './ring-place.ts'
import { workerLaunch } from './worker-launch.ts'

const card = ModelCard.parse({
  modelId: 'org/big',
  family: 'llama',
  layers: 80,
  hiddenSize: 8192,
  attentionHeads: 64,
  kvHeads: 8,
  headDim: 128,
  vocabSize: 128256,
  weightBytes: 140e9,
  contextTokens: 8192,
  strategies: ['pipeline', 'tensor'],
})

/** Starts from the output of the commands: every Mac of the layout takes part, and all are on one Ethernet. */
function place(layout: MacLayout): { placement: Placement; cables: RdmaLink[] } {
  const facts = new Map(
    macLayouts[layout].map((recorded) => [NodeId.parse(recorded.name), recordedHardwareFacts(RecordedHardware.parse(recorded))]),
  )
  const nodeIds = [...facts.keys()]
  const ethernet = nodeIds.flatMap((from) =>
    nodeIds.flatMap((to, index): Link[] =>
      from === to ? [] : [{ kind: 'tcp', from, to, address: `10.0.0.${index + 1}`, medium: 'ethernet', roundTripMs: 0.3 }],
    ),
  )
  const cables = rdmaLinks(facts)
  const topology: Topology = {
    nodes: Object.fromEntries([...facts].map(([nodeId, own]) => [nodeId, { ...topologyNode(own), thunderboltBridge: null }])),
    links: [...ethernet, ...cables],
    cableObstacles: cablesWithoutRdma(facts),
  }
  return { placement: placeInstance(card, topology, PlacementRequest.parse({ minNodes: nodeIds.length, contextTokens: 4096 })), cables }
}

const launches = (placement: Placement) =>
  placement.shards.map(({ rank }) => {
    const { files, variables } = workerLaunch(placement, {
      rank,
      portByRank: placement.shards.map((_, index) => 50000 + index),
      loopbackPorts: { listenPort: 41000, dialPort: 41001 },
      directory: '/d',
      fastSynch: false,
    })
    return { variables, files: new Map(files.map(({ path, content }) => [path, content])) }
  })

describe('from the commands of each Mac to the environment of each rank', () => {
  it.each<[MacLayout, 'jaccl-mesh' | 'jaccl-ring']>([
    ['two Macs', 'jaccl-mesh'],
    ['two Macs, two cables', 'jaccl-mesh'],
    ['two Macs, a hub between', 'jaccl-mesh'],
    ['four Macs, full mesh', 'jaccl-mesh'],
    ['four Macs, ring', 'jaccl-ring'],
    ['eight Macs, full mesh', 'jaccl-mesh'],
    ['eight Macs, ring', 'jaccl-ring'],
    ['nine Macs, full mesh', 'jaccl-ring'],
  ])('%s: %s', (layout, kind) => {
    const { placement, cables } = place(layout)
    const nodeOf = (rank: number): NodeId | undefined => placement.shards[rank]?.nodeId
    expect({ backend: placement.backend, isRing: placement.jacclRing }).toEqual({ backend: 'jaccl', isRing: kind === 'jaccl-ring' })
    const groups = launches(placement).map(({ variables, files }) => readJacclAsMlx(variables, files))
    expect(groups.map((group) => [group.kind, group.rank, group.coordinator.port])).toEqual(groups.map((_, rank) => [kind, rank, '50000']))
    const isEnd = (device: string, rank: number, peer: number): boolean =>
      cables.some((cable) => cable.device === device && cable.from === nodeOf(rank) && cable.to === nodeOf(peer))
    for (const [rank, group] of groups.entries()) {
      const size = groups.length
      if (group.kind === 'jaccl-mesh')
        for (const [peer, device] of group.devices.entries()) expect(peer === rank ? device === '' : isEnd(device, rank, peer)).toBe(true)
      else {
        expect(group.left.length > 0 && group.left.every((device) => isEnd(device, rank, (rank + size - 1) % size))).toBe(true)
        expect(group.right.length > 0 && group.right.every((device) => isEnd(device, rank, (rank + 1) % size))).toBe(true)
      }
    }
  })

  it('says why nine Macs are no mesh', () =>
    expect(place('nine Macs, full mesh').placement.fallbacks[0]).toEqual({
      from: 'JACCL mesh',
      to: 'JACCL ring',
      reason: 'a JACCL mesh supports up to 8 Macs, and there are 9',
    }))

  it('uses the two ends of one cable where there are two', () => {
    const { placement, cables } = place('two Macs, two cables')
    const [first, second] = launches(placement).map(({ variables, files }) => readJacclAsMlx(variables, files))
    const devices = [first, second].map((group) => (group?.kind === 'jaccl-mesh' ? group.devices.join('') : ''))
    expect(cables.some(({ device, peerDevice }) => device === devices[0] && peerDevice === devices[1])).toBe(true)
  })

  const slowCable = 'cable between studio-1 and studio-2 runs at 40 Gb/s: RDMA needs Thunderbolt 5 ports and cable'
  const rdmaOff = 'rdma-disabled on studio-3 (rdma_ctl enable, in Recovery)'
  const bridgeOn = 'Thunderbolt bridge active on studio-4 (bridge0: exo thunderbolt plan shows how to turn it off)'
  /** Names the first of many similar reasons. */
  const shown = (reasons: readonly string[]): string =>
    [...reasons.slice(0, 4), ...(reasons.length > 4 ? [`and ${reasons.length - 4} more`] : [])].join('; ')
  const noCables = (...pairs: [number, number][]): string => shown(pairs.map(([a, b]) => `no cable between studio-${a} and studio-${b}`))
  const tooFew = (...numbers: number[]): string =>
    shown(numbers.map((number) => `studio-${number} has cables to 1 other Macs; a ring needs 2`))
  const pairsOf = (count: number): [number, number][] =>
    Array.from({ length: count }, (_, a) => Array.from({ length: count - a - 1 }, (_, b): [number, number] => [a + 1, a + b + 2])).flat()
  it.each<[MacLayout, notMesh: string, notRing: string]>([
    ['two Macs, Thunderbolt 4', slowCable, slowCable],
    ['two Macs, a dead port', 'rdma_en3 is down on studio-2', 'rdma_en3 is down on studio-2'],
    ['four Macs, daisy chain', noCables([1, 3], [1, 4], [2, 4]), tooFew(1, 4)],
    ['four Macs, star', noCables([2, 3], [2, 4], [3, 4]), tooFew(2, 3, 4)],
    ['four Macs, full mesh, RDMA off on one', rdmaOff, rdmaOff],
    ['four Macs, full mesh, one on macOS 26.1', 'macOS 26.1 < 26.2 on studio-2', 'macOS 26.1 < 26.2 on studio-2'],
    ['four Macs, full mesh, bridge on one', bridgeOn, bridgeOn],
    ['eight Macs, daisy chain', noCables(...pairsOf(8).filter(([a, b]) => b - a > 1)), tooFew(1, 8)],
    ['eight Macs, star', noCables(...pairsOf(8).filter(([a]) => a > 1)), tooFew(2, 3, 4, 5, 6, 7, 8)],
    ['eight Macs, full mesh, RDMA off on one', rdmaOff, rdmaOff],
    ['eight Macs, full mesh, one on macOS 26.1', 'macOS 26.1 < 26.2 on studio-2', 'macOS 26.1 < 26.2 on studio-2'],
    ['eight Macs, full mesh, bridge on one', bridgeOn, bridgeOn],
  ])('%s: TCP, and why', (layout, notMesh, notRing) => {
    const { placement } = place(layout)
    expect([placement.backend, placement.rdmaMatrix]).toEqual(['ring', null])
    expect(placement.fallbacks.slice(0, 2)).toEqual([
      { from: 'JACCL mesh', to: 'JACCL ring', reason: notMesh },
      { from: 'JACCL ring', to: 'TCP ring over Thunderbolt', reason: notRing },
    ])
    const rings = launches(placement).map(({ variables, files }) => readRingAsMlx(variables, files))
    expect(rings.map(({ rank, size }) => [rank, size])).toEqual(placement.shards.map(({ rank }) => [rank, placement.shards.length]))
    const places = placement.shards.map(({ rank }) =>
      ringPlace(placement, {
        rank,
        portByRank: placement.shards.map((_, index) => 50000 + index),
        loopbackPorts: { listenPort: 41000, dialPort: 41001 },
        ownAddress: (address) => address,
        keys: { before: `key of ${rank}`, after: `key of ${(rank + 1) % placement.shards.length}` },
        isSealed: () => true,
      }),
    )
    for (const [rank, { after }] of places.entries()) expect(after).toEqual(places[(rank + 1) % places.length]?.before)
  })
})
