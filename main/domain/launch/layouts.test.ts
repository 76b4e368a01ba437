import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/model-card.ts'
import { type Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Link, RdmaLink, Topology } from '../../shared/topology.ts'
import { placeInstance } from '../placement/place-instance.ts'
import { type MacLayout, macLayouts } from '../thunderbolt/__fixtures__/mac-layouts.ts'
import { rdmaLinks } from '../thunderbolt/rdma-links.ts'
import { RecordedHardware, recordedHardwareFacts } from '../thunderbolt/recorded-hardware.ts'
import { topologyNode } from '../thunderbolt/topology-node.ts'
import { readJacclAsMlx, readRingAsMlx } from './__fixtures__/read-as-mlx.ts'
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

/** All the way from what the commands print: every Mac of the layout takes part, and all are on one Ethernet. */
function place(layout: MacLayout): { placement: Placement; cables: RdmaLink[] } {
  const facts = new Map(macLayouts[layout].map((recorded) => [NodeId.parse(recorded.name), recordedHardwareFacts(RecordedHardware.parse(recorded))]))
  const nodeIds = [...facts.keys()]
  const ethernet = nodeIds.flatMap((from) =>
    nodeIds.flatMap((to, index): Link[] => (from === to ? [] : [{ kind: 'tcp', from, to, address: `10.0.0.${index + 1}`, medium: 'ethernet', roundTripMs: 0.3 }])),
  )
  const cables = rdmaLinks(facts)
  const topology: Topology = { nodes: Object.fromEntries([...facts].map(([nodeId, own]) => [nodeId, topologyNode(own)])), links: [...ethernet, ...cables] }
  return { placement: placeInstance(card, topology, PlacementRequest.parse({ minNodes: nodeIds.length, contextTokens: 4096 })), cables }
}

const launches = (placement: Placement) =>
  placement.shards.map(({ rank }) => {
    const { files, variables } = workerLaunch(placement, { rank, portByRank: placement.shards.map((_, index) => 50000 + index), directory: '/d', fastSynch: false })
    return { variables, files: new Map(files.map(({ path, content }) => [path, content])) }
  })
const reasonsOf = ({ fallbacks }: Placement): string => fallbacks.map(({ reason }) => reason).join('; ')

describe('from the commands of each Mac to the environment of each rank', () => {
  it.each<[MacLayout, 'jaccl-mesh' | 'jaccl-ring']>([
    ['two Macs', 'jaccl-mesh'],
    ['two Macs, two cables', 'jaccl-mesh'],
    ['two Macs, a hub between', 'jaccl-mesh'],
    ['four Macs, full mesh', 'jaccl-mesh'],
    ['four Macs, ring', 'jaccl-ring'],
    ['eight Macs, full mesh', 'jaccl-mesh'],
    ['eight Macs, ring', 'jaccl-ring'],
  ])('%s: %s', (layout, kind) => {
    const { placement, cables } = place(layout)
    const nodeOf = (rank: number): NodeId | undefined => placement.shards[rank]?.nodeId
    expect({ backend: placement.backend, isRing: placement.jacclRing }).toEqual({ backend: 'jaccl', isRing: kind === 'jaccl-ring' })
    const groups = launches(placement).map(({ variables, files }) => readJacclAsMlx(variables, files))
    expect(groups.map((group) => [group.kind, group.rank, group.coordinator.port])).toEqual(groups.map((_, rank) => [kind, rank, '50000']))
    const isEnd = (device: string, rank: number, peer: number): boolean => cables.some((cable) => cable.device === device && cable.from === nodeOf(rank) && cable.to === nodeOf(peer))
    for (const [rank, group] of groups.entries()) {
      const size = groups.length
      if (group.kind === 'jaccl-mesh') for (const [peer, device] of group.devices.entries()) expect(peer === rank ? device === '' : isEnd(device, rank, peer)).toBe(true)
      else {
        expect(group.left.length > 0 && group.left.every((device) => isEnd(device, rank, (rank + size - 1) % size))).toBe(true)
        expect(group.right.length > 0 && group.right.every((device) => isEnd(device, rank, (rank + 1) % size))).toBe(true)
      }
    }
  })

  it('uses the two ends of one cable where there are two', () => {
    const { placement, cables } = place('two Macs, two cables')
    const [first, second] = launches(placement).map(({ variables, files }) => readJacclAsMlx(variables, files))
    const devices = [first, second].map((group) => (group?.kind === 'jaccl-mesh' ? group.devices.join('') : ''))
    expect(cables.some(({ device, peerDevice }) => device === devices[0] && peerDevice === devices[1])).toBe(true)
  })

  it.each<[MacLayout, RegExp]>([
    ['two Macs, Thunderbolt 4', /no cable|40 Gb\/s/],
    ['two Macs, a dead port', /no cable|rdma_en3 is down/],
    ['four Macs, daisy chain', /no cable between studio-\d and studio-\d/],
    ['four Macs, star', /no cable between studio-\d and studio-\d/],
    ['four Macs, full mesh, RDMA off on one', /rdma-disabled on studio-3 \(rdma_ctl enable, in Recovery\)/],
    ['four Macs, full mesh, one on macOS 26.1', /macOS 26\.1 < 26\.2/],
    ['four Macs, full mesh, bridge on one', /Thunderbolt bridge active on studio-4/],
  ])('%s: TCP, and why', (layout, reason) => {
    const { placement } = place(layout)
    expect([placement.backend, placement.rdmaMatrix]).toEqual(['ring', null])
    expect(reasonsOf(placement)).toMatch(reason)
    const rings = launches(placement).map(({ variables, files }) => readRingAsMlx(variables, files))
    for (const [rank, ring] of rings.entries()) expect(ring.connectsTo).toEqual(rings[(rank + 1) % rings.length]?.listensOn)
  })
})
