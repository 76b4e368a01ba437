import { z } from 'zod'
import { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'

/** Rises when older and newer nodes could not pair. */
export const PAIRING_PROTOCOL = 2
/** Version of the key check: since 3, it uses a key exchange. */
export const KEY_CHECK_PROTOCOL = 3

const ClusterName = z.string().min(1).max(64)
const NodeName = z.string().max(255)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)

export const PairingRefusal = z.enum([
  'other-protocol',
  'other-cluster',
  'no-key',
  'key-missing',
  'key-wrong',
  'busy',
  'too-many-attempts',
  'declined',
  'timed-out',
  'put-out',
  'open-there',
  'closed-there',
  'broken',
])
export type PairingRefusal = z.infer<typeof PairingRefusal>

/** The claims of a node without a chosen key: see main/domain/admission/judge-newcomer.ts. */
const StandingFrame = z.strictObject({
  stage: z.enum(['solo', 'forming', 'settled']),
  lineage: z.string().regex(/^[0-9a-f]{32}$/),
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  isJustStarted: z.boolean(),
  hasAdmitted: z.boolean(),
})
const PeerPort = z.int().min(1).max(65535)

/**
 * The frames of a pairing connection.
 * - Pairing: request, nonce, reveal, then confirm and key once both people have confirmed that the digits match.
 * - Key check: key-check, key-share, key-proof, key-fits; without a key, only the first and the last.
 * - Admission without a chosen key: knock, knocked, then welcome from the node that admits the other, which answers
 *   taken.
 */
export const PairingFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('request'), protocol: z.int().min(0), clusterName: ClusterName, nodeName: NodeName, commitment: Hex32 }),
  z.strictObject({ type: z.literal('nonce'), nodeName: NodeName, nonce: Hex32 }),
  z.strictObject({ type: z.literal('reveal'), nonce: Hex32 }),
  z.strictObject({ type: z.literal('confirm') }),
  z.strictObject({ type: z.literal('key'), clusterKey: z.string().min(1).max(1024), record: SharedRecord.nullable() }),
  // Before version 3 it had other fields, so that older nodes get a proper refusal.
  z.object({
    type: z.literal('key-check'),
    protocol: z.int().min(0),
    clusterName: ClusterName,
    keyShare: Hex32.nullable().optional(),
    isOpen: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('key-share'), keyShare: Hex32 }),
  z.strictObject({ type: z.literal('key-proof'), keyProof: Hex32 }),
  z.strictObject({ type: z.literal('key-fits'), keyProof: Hex32.nullable() }),
  z.strictObject({
    type: z.literal('knock'),
    protocol: z.int().min(0),
    clusterName: ClusterName,
    nodeName: NodeName,
    peerPort: PeerPort,
    standing: StandingFrame,
  }),
  z.strictObject({
    type: z.literal('knocked'),
    nodeName: NodeName,
    peerPort: PeerPort,
    standing: StandingFrame,
    act: z.enum(['give', 'take', 'compare', 'wait']),
  }),
  z.strictObject({ type: z.literal('welcome'), record: SharedRecord }),
  z.strictObject({ type: z.literal('taken') }),
  z.strictObject({ type: z.literal('refusal'), code: PairingRefusal }),
])
export type PairingFrame = z.infer<typeof PairingFrame>
export type PairingFrameOf<Type extends PairingFrame['type']> = Extract<PairingFrame, { type: Type }>
