import { z } from 'zod'
import { NodeId } from '../../ids.ts'

/** Who can join a cluster: its members, anyone with its chosen key, or anyone. */
export const AdmissionMode = z.enum(['members', 'key', 'open'])
export type AdmissionMode = z.infer<typeof AdmissionMode>

/** `told`: reported by another member; `comes-back`: it was a member before. */
export const AdmissionCause = z.enum(['just-started', 'cable', 'admitted', 'digits', 'told', 'comes-back'])
export type AdmissionCause = z.infer<typeof AdmissionCause>

export const MOST_MEMBERS = 256
const Hex16 = z.string().regex(/^[0-9a-f]{32}$/)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)
const Name = z.string().min(1).max(64)
const ProvenNodeId = NodeId.refine((id) => /^[a-z2-7]{32}$/.test(id), 'it is not a valid key fingerprint')

/** A member as this node remembers it. */
export const ClusterMemberRecord = z.strictObject({ nodeId: NodeId, name: Name, cause: AdmissionCause, admittedAtMs: z.int().min(0) })
export type ClusterMemberRecord = z.infer<typeof ClusterMemberRecord>

/** The record of a closed cluster that a member stores. */
export const ClusterRecord = z.strictObject({
  lineage: Hex16,
  secret: Hex32,
  removed: z.array(NodeId).max(1024),
  /** The cluster no longer merges into another automatically. */
  isSettled: z.boolean(),
  /** Without this node. */
  members: z.array(ClusterMemberRecord).max(MOST_MEMBERS),
})
export type ClusterRecord = z.infer<typeof ClusterRecord>

/** The data that an admitted node receives. */
export const SharedRecord = z.strictObject({
  lineage: Hex16,
  secret: Hex32,
  removed: z.array(ProvenNodeId).max(1024),
  isSettled: z.boolean(),
  members: z.array(z.strictObject({ nodeId: ProvenNodeId, name: Name })).max(MOST_MEMBERS),
})
export type SharedRecord = z.infer<typeof SharedRecord>
