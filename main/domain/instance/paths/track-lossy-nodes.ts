import type { NodeId } from '../../../shared/ids.ts'

/** When each node was last seen to lose datagrams. */
export type LossLog = ReadonlyMap<NodeId, number>

/** Two lost datagrams among the last few are more than chance. */
const LOSSY_RATIO = 0.15
/** Losses come in waves. */
const REMEMBER_MS = 60_000

interface LinkLoss {
  readonly nodeId: NodeId
  readonly lossRatio?: number
}

/** @param nowMs - time of a monotonic clock */
export function trackLossyNodes(peers: readonly LinkLoss[], before: LossLog, nowMs: number): LossLog {
  const now = peers.filter(({ lossRatio = 0 }) => lossRatio >= LOSSY_RATIO).map(({ nodeId }) => [nodeId, nowMs] as const)
  return new Map([...[...before].filter(([, seenMs]) => nowMs - seenMs < REMEMBER_MS), ...now])
}

/** The machines whose network loses packets: those that this node hears badly, or this one if it hears nobody well. */
export function lossyNodes(log: LossLog, peers: readonly LinkLoss[], ownId: NodeId): ReadonlySet<NodeId> {
  const lossy = peers.filter(({ nodeId }) => log.has(nodeId)).map(({ nodeId }) => nodeId)
  // Between two machines, it is not known which one loses them, and there is no other to use.
  if (peers.length < 2) return new Set()
  return new Set(lossy.length === peers.length ? [ownId] : lossy)
}
