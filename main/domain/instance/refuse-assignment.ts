import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import { ownValue } from '../../shared/own-value.ts'
import type { PlacedShard } from '../../shared/placement.ts'
import type { ClusterState, InstanceState } from '../cluster/cluster-state.ts'
import { MOST_INSTANCES } from './decide-leader-command.ts'

/** A part of a model that the leader's state puts on this node. */
interface Assignment {
  readonly instance: InstanceState
  readonly shard: PlacedShard
}

/**
 * Why no leader that keeps to the rules makes this placement, for the log; null: it is plausible. A node that is not in
 * the state may return.
 */
export function faultOfPlacement({ nodes }: Pick<ClusterState, 'nodes'>, { card, placement }: InstanceState): string | null {
  const { shards, addressMatrix, rdmaMatrix } = placement
  const stranger = shards.find(({ nodeId }) => !ownValue(nodes, nodeId))
  if (stranger) return `${stranger.nodeId} is not a member of the cluster`
  if (shards.some(({ rank }, index) => rank !== index)) return 'its ranks are not numbered from 0'
  if (new Set(shards.map(({ nodeId }) => nodeId)).size < shards.length) return 'it puts several ranks on one node'
  if (shards.some(({ layers: { start, end } }) => start >= end || end > card.layers)) return 'it has layers that the model does not have'
  for (const matrix of [addressMatrix, ...(rdmaMatrix ? [rdmaMatrix] : [])])
    if (matrix.length !== shards.length || matrix.some((row) => row.length !== shards.length)) return 'its matrix does not fit its ranks'
  return null
}

/**
 * Why this node does not load a part of a model, whatever the leader says; null: it does.
 *
 * @param others - the parts that this node holds already
 * @param limitBytes - all memory that models may use here
 */
export function refuseAssignment({ instance, shard }: Assignment, others: readonly Assignment[], limitBytes: number): AppError | null {
  const { card } = instance
  if (others.length >= MOST_INSTANCES)
    return new AppError('too-many-instances', `This machine already holds parts of ${MOST_INSTANCES} models. Unload some of them first.`)
  const bytesOf = (part: PlacedShard): number => part.weightBytes + part.kvBytes
  const takenBytes = others.reduce((sum, other) => sum + bytesOf(other.shard), 0)
  if (takenBytes + bytesOf(shard) <= limitBytes) return null
  const rest = takenBytes === 0 ? '' : `, of which other models use ${formatBytes(takenBytes)}`
  return new AppError(
    'not-enough-memory',
    `The part of ${card.modelId} that was placed on this machine needs ${formatBytes(bytesOf(shard))}. ` +
      `Models may use ${formatBytes(limitBytes)} here${rest}.`,
    { modelId: card.modelId },
  )
}
