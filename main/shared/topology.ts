import { z } from 'zod'
import { NodeId } from './ids.ts'

/** What carries a TCP link. */
export const LinkMedium = z.enum(['thunderbolt', 'ethernet', 'wifi', 'unknown'])
export type LinkMedium = z.infer<typeof LinkMedium>

/** Whether `rdma_ctl` has RDMA on; `absent`: no such hardware or no such command. */
export const RdmaState = z.enum(['enabled', 'disabled', 'unknown', 'absent'])
export type RdmaState = z.infer<typeof RdmaState>

const link = {
  from: NodeId,
  to: NodeId,
  roundTripMs: z.number().min(0).nullable().default(null),
}

/**
 * A directed path. `address` is where `from` reaches `to`; `device` is the RDMA device on `from` whose cable ends at `to`, there in
 * `peerDevice`.
 */
export const Link = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('tcp'),
    ...link,
    address: z.string().min(1),
    medium: LinkMedium.default('unknown'),
    /** What `to` sends at that address, measured on demand. */
    throughputBytesPerSecond: z.number().min(0).optional(),
  }),
  z.object({ kind: z.literal('rdma'), ...link, device: z.string().min(1), peerDevice: z.string().min(1).optional() }),
])
export type Link = z.infer<typeof Link>
export type TcpLink = Extract<Link, { kind: 'tcp' }>
export type RdmaLink = Extract<Link, { kind: 'rdma' }>

/** What placement asks of a node. */
export const TopologyNode = z.object({
  totalBytes: z.int().min(0),
  availableBytes: z.int().min(0),
  /** `availableBytes` come of `--max-memory`: they hold all that a worker takes, not only the model. */
  isCapped: z.boolean().optional(),
  /** For people; the id where there is none. */
  name: z.string().optional(),
  platform: z.string().optional(),
  osVersion: z.string().optional(),
  rdma: RdmaState.optional(),
  /** The Thunderbolt bridge that is up, such as `bridge0`; null: none. */
  thunderboltBridge: z.string().nullable().optional(),
  /** Models whose files lie here, in part (0) or whole (1). */
  storedModels: z.record(z.string(), z.number().min(0).max(1)).optional(),
})
export type TopologyNode = z.infer<typeof TopologyNode>

/** Two nodes with a cable between them that carries no RDMA, and what is wrong with it; nothing where a node is at fault. */
export const CableObstacle = z.object({ between: z.tuple([NodeId, NodeId]), reasons: z.array(z.string()) })
export type CableObstacle = z.infer<typeof CableObstacle>

/** Machines that one has or thinks of having: the file of `exo plan --topology`. What else it says (a saved `/state` does) is ignored. */
export const Topology = z.object({
  nodes: z.record(NodeId, TopologyNode),
  links: z.array(Link).default([]),
  /** Of the pairs that are not here and have no RDMA link, nothing is known but that. */
  cableObstacles: z.array(CableObstacle).optional(),
})
export type Topology = z.infer<typeof Topology>
