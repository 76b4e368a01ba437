import type { ClusterView } from '../shared/cluster-view.ts'
import type { HardwareFacts, MissingFact } from '../shared/hardware.ts'
import type { NodeId } from '../shared/ids.ts'
import type { Exposure } from '../shared/wire/api/exposure.ts'

export type FirewallState = 'off' | 'on' | 'blocks-all'
/** `ours`: this user's node listens there. */
export type PortUse = 'free' | 'taken' | 'forbidden' | 'ours'

export interface MulticastTrial {
  readonly interfaceName: string
  /** The system's error code, such as `EHOSTUNREACH`; null: the question was sent. */
  readonly errorCode: string | null
}

export interface StoredModelHealth {
  readonly modelId: string
  /** null: the model is complete. */
  readonly problem: { readonly code: string; readonly message: string } | null
}

export interface DiskSpace {
  readonly path: string
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The facts for all checks. Null: could not be read; `missing` gives the reason. */
export interface DoctorFacts {
  /** The version of this program. */
  readonly version: string
  readonly self: HardwareFacts | null
  /** null: none of this user's nodes is running. */
  readonly cluster: ClusterView | null
  /** The hardware of the cluster's nodes that have reported, including this one; keys as in `cluster.nodes`. */
  readonly hardwareByNode: ReadonlyMap<NodeId, HardwareFacts>
  /** The other clock's time minus this one's. */
  readonly clockSkewMs: ReadonlyMap<NodeId, number>
  /** Who can access the running node; null if none is running. */
  readonly exposure: Exposure | null
  /** Machines with this node's identity, and peers that know of one. */
  readonly sameIdentity: readonly { readonly name: string; readonly address: string; readonly isClone: boolean }[]
  /** The number of peers found by discovery alone, if no node is running; null: not tried. */
  readonly discoveredPeers: number | null
  readonly ports: readonly { readonly name: string; readonly port: number; readonly use: PortUse }[]
  /** `mode` as in stat; null: the file does not exist yet. */
  readonly identityFile: { readonly path: string; readonly mode: number | null } | null
  readonly dataDir: { readonly path: string; readonly isWritable: boolean } | null
  readonly modelDisk: DiskSpace | null
  readonly storedModels: readonly StoredModelHealth[] | null
  readonly firewall: FirewallState | null
  readonly multicast: readonly MulticastTrial[] | null
  readonly missing: readonly MissingFact[]
}
