import { z } from 'zod'
import { NodeId } from './ids.ts'
import { MachineSpeed } from './speed/machine-speed.ts'

/** The medium of a TCP link. */
export const LinkMedium = z.enum(['thunderbolt', 'ethernet', 'wifi', 'unknown'])
export type LinkMedium = z.infer<typeof LinkMedium>

/** Whether RDMA is enabled according to `rdma_ctl`; `absent`: there is no such hardware or command. */
export const RdmaState = z.enum(['enabled', 'disabled', 'unknown', 'absent'])
export type RdmaState = z.infer<typeof RdmaState>

const link = {
  from: NodeId,
  to: NodeId,
  roundTripMs: z.number().min(0).nullable().default(null),
}

/**
 * A directed path. `address` is where `from` reaches `to`. `device` is the RDMA device on `from` whose cable leads to
 * `peerDevice` on `to`.
 */
export const Link = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tcp'),
    ...link,
    address: z.string().min(1),
    medium: LinkMedium.default('unknown'),
    /** Throughput from `to` at that address, measured on demand. */
    throughputBytesPerSecond: z.number().min(0).optional(),
  }),
  z.object({ kind: z.literal('rdma'), ...link, device: z.string().min(1), peerDevice: z.string().min(1).optional() }),
])
export type Link = z.infer<typeof Link>
export type TcpLink = Extract<Link, { kind: 'tcp' }>
export type RdmaLink = Extract<Link, { kind: 'rdma' }>

/** The facts of a node that placement needs. */
export const TopologyNode = z.object({
  totalBytes: z.int().min(0),
  availableBytes: z.int().min(0),
  /** `availableBytes` results from `--max-memory`, which limits the whole worker and not only the model. */
  isCapped: z.boolean().optional(),
  /** Display name; the id if there is none. */
  name: z.string().optional(),
  platform: z.string().optional(),
  /** Such as `Apple M4 Max`. */
  chip: z.string().optional(),
  /** Tells variants of a chip apart. */
  gpuCores: z.int().min(1).max(1024).optional(),
  /** As measured by `exo calibrate`. */
  speed: MachineSpeed.optional(),
  osVersion: z.string().optional(),
  rdma: RdmaState.optional(),
  /** The Thunderbolt bridge if it is up, such as `bridge0`; null: none. */
  thunderboltBridge: z.string().nullable().optional(),
  /** Models whose files are on this node, in part (0) or completely (1). */
  storedModels: z.record(z.string(), z.number().min(0).max(1)).optional(),
})
export type TopologyNode = z.infer<typeof TopologyNode>

/** Two nodes connected by a cable without RDMA, and what is wrong with the cable; no reasons if a node is at fault. */
export const CableObstacle = z.object({ between: z.tuple([NodeId, NodeId]), reasons: z.array(z.string()) })
export type CableObstacle = z.infer<typeof CableObstacle>

/** Real or planned machines: the file of `exo plan --topology`. Other fields, as in a saved `/state`, are ignored. */
export const Topology = z.object({
  nodes: z.record(NodeId, TopologyNode),
  links: z.array(Link).default([]),
  /** Pairs that are not listed have no RDMA link, and nothing else is known about them. */
  cableObstacles: z.array(CableObstacle).optional(),
})
export type Topology = z.infer<typeof Topology>
