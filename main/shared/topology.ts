import { z } from 'zod'
import { NodeId } from './ids.ts'

/** The medium of a TCP link. */
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
  /** `availableBytes` come of `--max-memory`: they hold all that a worker takes, not only the model. */
  isCapped: z.boolean().optional(),
  /** Display name; the id if there is none. */
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

/** Real or planned machines: the file of `exo plan --topology`. Other fields, as in a saved `/state`, are ignored. */
export const Topology = z.object({
  nodes: z.record(NodeId, TopologyNode),
  links: z.array(Link).default([]),
  /** Pairs that are not listed have no RDMA link, and nothing else is known about them. */
  cableObstacles: z.array(CableObstacle).optional(),
})
export type Topology = z.infer<typeof Topology>
