import { z } from 'zod'
import { AdmissionMode } from '../../../shared/wire/peer/cluster-record.ts'
import { peerLine } from '../../../shared/formats/peer-text.ts'

/**
 * The reason for not linking, the same from both sides. `key-missing`: one of the two has no cluster key. `duplicate`
 * and `self` are expected; the others are shown to the user.
 */
export const RefusalCode = z.enum([
  'other-cluster',
  'key-missing',
  'key-wrong',
  'other-protocol',
  'duplicate',
  'self',
  'too-many-peers',
  'identity-in-use',
])
export type RefusalCode = z.infer<typeof RefusalCode>

const Version = z
  .int()
  .min(0)
  .max(2 ** 16)
const ClusterName = z.string().min(1).max(64)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * First frame of either side, and the last one where it is a refusal. In a cluster with a chosen key, the hellos carry the shares
 * of a key exchange, followed by a proof of each side. Unknown fields belong to a later version, as declared in `hello`.
 */
export const Greeting = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    /** The oldest of `versions`: the only field that nodes before `versions` know. */
    protocol: Version,
    versions: z.object({ min: Version, max: Version }).optional(),
    clusterName: ClusterName,
    nodeName: peerLine(255),
    /** Memory of the machine. */
    totalBytes: z.int().min(0),
    /** The address on which the sender listens. */
    peerPort: z.int().min(1).max(65535),
    /** Random id of the sender's process, drawn at its start. */
    bootId: z.string().min(1).max(64).optional(),
    /** Proof of a random secret; null: the cluster has no key, or a key chosen by people. */
    keyProof: Hex32.nullable(),
    /** For keys chosen by people: see main/cluster/key-exchange. */
    keyShare: Hex32.optional(),
    admission: AdmissionMode.optional(),
  }),
  z.object({
    type: z.literal('refusal'),
    code: RefusalCode,
    clusterName: ClusterName,
    nodeName: peerLine(255),
    totalBytes: z.int().min(0),
    /** Whether the refusing node's cluster has a key. */
    needsKey: z.boolean(),
    /** For a dialer that has proven a chosen key: proves that the refusing node has the key too. */
    keyProof: Hex32.optional(),
    admission: AdmissionMode.optional(),
  }),
  z.object({ type: z.literal('key-proof'), keyProof: Hex32 }),
])
export type Greeting = z.infer<typeof Greeting>
export type Hello = Extract<Greeting, { type: 'hello' }>
export type Refusal = Extract<Greeting, { type: 'refusal' }>

/** Whether a node claims that its cluster has a key. */
export function saysKey(greeting: Hello | Refusal): boolean {
  return greeting.type === 'hello' ? greeting.keyProof !== null || greeting.keyShare !== undefined : greeting.needsKey
}
