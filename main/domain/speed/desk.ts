import { z } from 'zod'
import { NodeId } from '../../shared/ids.ts'
import { type Link, Topology } from '../../shared/topology.ts'
import { chipsOf } from './machine/chips.ts'

const Machine = z.strictObject({
  /** Such as `Apple M4 Max` or `M4 Max`. */
  chip: z.string().min(1).max(256),
  memoryGigabytes: z.number().min(1).max(100_000),
  gpuCores: z.int().min(1).max(1024).optional(),
})
export type DeskMachine = z.infer<typeof Machine>

const Medium = z.enum(['rdma', 'thunderbolt', 'ethernet', 'wifi'])

/** Machines as a person describes them: the file of `exo plan --have`. */
export const Desk = z.strictObject({
  machines: z.record(NodeId, Machine),
  /** How all machines reach one another. */
  network: z.enum(['ethernet', 'wifi']).default('ethernet'),
  cables: z.array(z.strictObject({ between: z.tuple([NodeId, NodeId]), kind: Medium })).default([]),
})
export type Desk = z.infer<typeof Desk>

/** macOS lets the GPU use about three quarters of the memory. */
const GPU_SHARE = 0.75

/** The topology of a desk, with all of its memory free. */
export function deskTopology({ machines, network, cables }: Desk): Topology {
  const ids = Object.keys(machines) as NodeId[]
  const nodes = Object.fromEntries(
    Object.entries<DeskMachine>(machines).map(([nodeId, { chip, memoryGigabytes, gpuCores }]) => {
      const totalBytes = Math.round(memoryGigabytes * 2 ** 30)
      const isMac = chipsOf({ chip, totalBytes }).length > 0
      return [
        nodeId,
        {
          name: nodeId,
          chip,
          ...(gpuCores !== undefined && { gpuCores }),
          totalBytes,
          availableBytes: Math.round(totalBytes * GPU_SHARE),
          platform: isMac ? 'darwin' : 'linux',
          ...(isMac && { osVersion: '26.2', rdma: 'enabled' as const }),
        },
      ]
    }),
  )
  const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => ({ from, to })))
  const tcp = (from: NodeId, to: NodeId, medium: 'thunderbolt' | 'ethernet' | 'wifi'): Link => ({
    kind: 'tcp',
    from,
    to,
    address: `${medium}-of-${to}`,
    medium,
    roundTripMs: null,
  })
  const links = cables.flatMap(({ between: [a, b], kind }): Link[] => {
    const both = [
      [a, b],
      [b, a],
    ] as const
    if (kind !== 'rdma') return both.map(([from, to]) => tcp(from, to, kind))
    return both.flatMap(([from, to]): Link[] => [
      { kind: 'rdma', from, to, device: `rdma-to-${to}`, peerDevice: `rdma-to-${from}`, roundTripMs: null },
      tcp(from, to, 'thunderbolt'),
    ])
  })
  return Topology.parse({ nodes, links: [...pairs.map(({ from, to }) => tcp(from, to, network)), ...links] })
}
