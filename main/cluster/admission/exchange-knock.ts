import type { AdmissionAct, Standing } from '../../domain/admission/judge-newcomer.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { SharedRecord } from '../../shared/wire/peer/cluster-record.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import { pairingError } from '../pairing/pairing-error.ts'
import type { KnockPath } from '../pairing/knock-path.ts'
import { PAIRING_PROTOCOL, type PairingFrameOf, type PairingRefusal } from '../pairing/pairing-frame.ts'
import { isAsSaid } from './is-as-said.ts'

/** The other end of a knock. Its id is proven and its path is measured here; everything else is its own claim. */
export interface KnockingPeer {
  readonly nodeId: NodeId
  readonly name: string
  readonly address: PeerAddress
  readonly standing: Standing
  readonly isNeighbour: boolean
  readonly isOnCable: boolean
}

/** This node's messages and decisions in an exchange. */
export interface AdmissionSide {
  readonly clusterName: string
  readonly nodeName: string
  peerPort(): number
  standing(peerId: NodeId): Standing
  /** Why the peer gets no answer; null: it gets one. */
  refuses(peer: KnockingPeer): PairingRefusal | null
  judge(peer: KnockingPeer): AdmissionAct
  share(): SharedRecord
  /** Takes over the peer's secret. @returns the record to send back if this node's secret is to remain @throws AppError `pairing-…` */
  take(peer: KnockingPeer, record: SharedRecord): Promise<SharedRecord | null>
  /** Waits for a possible second message of the peer. */
  pause(signal: AbortSignal): Promise<void>
  /** The peer contradicts itself. */
  distrust(peer: KnockingPeer): void
  /** The peer has taken over this node's secret. */
  given(peer: KnockingPeer, shared: SharedRecord): void
  /** Nothing happens until a person confirms, here or there. */
  waits(peer: KnockingPeer, act: AdmissionAct): void
}

/** The dialling node's half. Rejects if the other node refuses. */
export async function knock(channel: PairingChannel, path: KnockPath, side: AdmissionSide, signal: AbortSignal): Promise<void> {
  const { clusterName, nodeName } = side
  const standing = side.standing(path.nodeId)
  channel.send({ type: 'knock', protocol: PAIRING_PROTOCOL, clusterName, nodeName, peerPort: side.peerPort(), standing })
  const answer = await channel.receive('knocked', signal)
  const peer = toPeer(path, answer)
  const refusal = side.refuses(peer)
  if (refusal !== null) return channel.refuse(refusal)
  const act = side.judge(peer)
  if (act === 'give' && answer.act === 'take') {
    const shared = side.share()
    // This node moved to another cluster while it waited: the next knock reports it.
    if (!isAsSaid(shared, standing)) return channel.refuse('declined')
    channel.send({ type: 'welcome', record: shared })
    await channel.receive('taken', signal)
    return side.given(peer, shared)
  }
  const isOffered = (act === 'take' && answer.act === 'give') || (act === 'compare' && answer.act === 'compare')
  if (!isOffered) return side.waits(peer, act)
  const { record } = await channel.receive('welcome', signal)
  const back = await takeOnce(channel, peer, record, side, signal)
  if (back === null) return channel.send({ type: 'taken' })
  channel.send({ type: 'welcome', record: back })
  await channel.receive('taken', signal)
  side.given(peer, back)
}

/** The answering node's half. */
export async function answerKnock(
  channel: PairingChannel,
  path: KnockPath,
  frame: PairingFrameOf<'knock'>,
  side: AdmissionSide,
  signal: AbortSignal,
): Promise<void> {
  if (frame.protocol !== PAIRING_PROTOCOL) return channel.refuse('other-protocol')
  if (frame.clusterName !== side.clusterName) return channel.refuse('other-cluster')
  const peer = toPeer(path, frame)
  const refusal = side.refuses(peer)
  if (refusal !== null) return channel.refuse(refusal)
  const act = side.judge(peer)
  channel.send({ type: 'knocked', nodeName: side.nodeName, peerPort: side.peerPort(), standing: side.standing(path.nodeId), act })
  if (act === 'wait') return side.waits(peer, act)
  const shared = side.share()
  if (act !== 'take') channel.send({ type: 'welcome', record: shared })
  const answer = await channel.receiveAny(signal).catch((error: unknown) => {
    side.waits(peer, act) // it hung up: the person there has not confirmed
    throw error
  })
  if (answer.type === 'taken' && act !== 'take') return side.given(peer, shared)
  if (answer.type !== 'welcome' || act === 'give') throw pairingError('broken')
  // The answer is included in this node's own knock.
  await takeOnce(channel, peer, answer.record, side, signal)
  channel.send({ type: 'taken' })
}

/**
 * Accepts a single record: a peer must wait for an answer after its welcome, and one that keeps sending is giving
 * several secrets or flooding.
 */
async function takeOnce(
  channel: PairingChannel,
  peer: KnockingPeer,
  record: SharedRecord,
  side: AdmissionSide,
  signal: AbortSignal,
): Promise<SharedRecord | null> {
  await side.pause(signal)
  if (channel.isQuiet()) return side.take(peer, record)
  side.distrust(peer)
  throw pairingError('broken')
}

function toPeer(
  { nodeId, host, isNeighbour, isOnCable }: KnockPath,
  { nodeName, peerPort, standing }: { readonly nodeName: string; readonly peerPort: number; readonly standing: Standing },
): KnockingPeer {
  return { nodeId, name: nodeName, address: { host, port: peerPort }, standing, isNeighbour, isOnCable }
}
