import { z } from 'zod'
import { LEAST_KEY_CHARACTERS } from '../../cluster-key-rule.ts'
import { AdmissionMode, ClusterMemberRecord } from '../peer/cluster-record.ts'

const ClusterName = z.string().trim().min(1).max(64)

/** Another cluster that was discovered on this machine's networks. Its data is unverified until there is a link. */
export const NearbyCluster = z.strictObject({
  clusterName: z.string(),
  needsKey: z.boolean(),
  machines: z.array(z.strictObject({ nodeId: z.string(), name: z.string(), totalBytes: z.int().min(0).nullable() })),
  /** Total of all its machines; null if unknown. */
  totalBytes: z.int().min(0).nullable(),
  /** Why this machine cannot join it now, for the user; null: no obstacle is known, or the node is too old to report it. */
  obstacle: z.string().nullable().default(null),
})
export type NearbyCluster = z.infer<typeof NearbyCluster>

/**
 * Two people at two machines compare six digits, so that one machine sends the other its cluster's key.
 *
 * `comparing`: the digits are on both screens; `ended`: see `error`, which is null if the key was sent.
 */
export const PairingView = z.strictObject({
  pairingId: z.string(),
  /** `joiner`: this machine asks for the key; `host`: it has the key. */
  role: z.enum(['joiner', 'host']),
  status: z.enum(['connecting', 'comparing', 'ended']),
  clusterName: z.string(),
  /** The name that the other machine claims; null until it has sent one. */
  peerName: z.string().nullable(),
  digits: z
    .string()
    .regex(/^\d{6}$/)
    .nullable(),
  isConfirmedHere: z.boolean(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
})
export type PairingView = z.infer<typeof PairingView>

/** A machine that is not admitted yet. Only its fingerprint is proven; everything else is its own claim and not trusted. */
export const NewcomerView = z.strictObject({
  /** The fingerprint of its key. */
  nodeId: z.string(),
  name: z.string(),
  address: z.string(),
  /** Milliseconds since 1970. */
  sinceMs: z.int().min(0),
  /** The side whose person must act. */
  waitsFor: z.enum(['this-side', 'other-side']),
  /** It was removed from this cluster before. */
  wasRemoved: z.boolean(),
})
export type NewcomerView = z.infer<typeof NewcomerView>

/** A cluster that admits only its members. */
export const ClosedClusterView = z.strictObject({
  /** Without this machine. */
  members: z.array(ClusterMemberRecord.extend({ isLinked: z.boolean() })),
  waiting: z.array(NewcomerView),
  /** The machine that admitted this one to its cluster since the start, without a confirmation here; leaving undoes it. */
  letInBy: ClusterMemberRecord.nullable(),
  /** This machine was started minutes ago: others that were also just started are admitted automatically. */
  isWindowOpen: z.boolean(),
})
export type ClosedClusterView = z.infer<typeof ClosedClusterView>

/** This machine's cluster, and the clusters that it could join. */
export const Membership = z.strictObject({
  clusterName: z.string(),
  /** The cluster is not open. */
  hasKey: z.boolean(),
  admission: AdmissionMode,
  /** null if the cluster has a chosen key or is open. */
  closed: ClosedClusterView.nullable(),
  /** The name of the cluster to which this machine returns when it leaves. */
  ownClusterName: z.string(),
  /** This machine is switching between two clusters. */
  isSwitching: z.boolean(),
  nearby: z.array(NearbyCluster),
  pairing: PairingView.nullable(),
})
export type Membership = z.infer<typeof Membership>

/** `POST /cluster/join`: creates the cluster if it does not exist. */
export const JoinClusterRequest = z.strictObject({
  clusterName: ClusterName,
  key: z.string().min(1).max(256).meta({ minLength: LEAST_KEY_CHARACTERS }).nullish(),
})
export type JoinClusterRequest = z.infer<typeof JoinClusterRequest>

/** `POST /cluster/admit`, `/cluster/refuse` and `/cluster/remove`: a machine by its name or the start of its fingerprint. */
export const NamedMachineRequest = z.strictObject({ name: z.string().min(1).max(64) })

/** `POST /cluster/pairing` */
export const StartPairingRequest = z.strictObject({ clusterName: ClusterName })
