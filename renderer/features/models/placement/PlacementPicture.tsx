import type { ReactNode } from 'react'
import { useClusterStore } from '../../../store/cluster-store.ts'
import { selectNode } from '../../../store/select-cluster.ts'
import { StackedBar } from '../../../ui/StackedBar.tsx'
import { instanceStrings } from '../../instances/strings.ts'
import type { PossibleWay } from './placement-preview.ts'
import { memoryText } from '../../../ui/format.ts'
import { modelStrings } from '../strings.ts'

export interface PlacementPictureProps {
  readonly nodeIds: readonly string[]
  readonly excludedIds: readonly string[]
  /** null: no way is possible. */
  readonly way: PossibleWay | null
  readonly onToggle: (nodeId: string) => void
}

/** The memory of each machine as it would be after loading. Machines can be left out. */
export function PlacementPicture({ nodeIds, excludedIds, way, onToggle }: PlacementPictureProps): ReactNode {
  return (
    <ul className="placement-picture" aria-label={modelStrings.placement.picture}>
      {nodeIds.map((nodeId) => (
        <MachineFill
          key={nodeId}
          nodeId={nodeId}
          way={way}
          isExcluded={excludedIds.includes(nodeId)}
          // One machine must stay.
          onToggle={nodeIds.length > 1 && (excludedIds.includes(nodeId) || excludedIds.length < nodeIds.length - 1) ? onToggle : null}
        />
      ))}
    </ul>
  )
}

interface MachineFillProps {
  readonly nodeId: string
  readonly way: PossibleWay | null
  readonly isExcluded: boolean
  /** null: it cannot be left out. */
  readonly onToggle: ((nodeId: string) => void) | null
}

function MachineFill({ nodeId, way, isExcluded, onToggle }: MachineFillProps): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const labels = modelStrings.placement
  if (!node) return null
  const shard = way?.shards.find((candidate) => candidate.nodeId === nodeId)
  const usedBytes = Math.max(0, node.totalBytes - node.availableBytes)
  const [weightBytes, kvBytes] = [shard?.weightBytes ?? 0, shard?.kvBytes ?? 0]
  const freeBytes = Math.max(0, node.availableBytes - weightBytes - kvBytes)
  const part = !shard
    ? labels.unused
    : way?.strategy === 'tensor'
      ? instanceStrings.share(way.shards.length)
      : instanceStrings.layers(shard.layers.start, shard.layers.end)
  return (
    <li className="machine-fill" data-used={shard !== undefined}>
      <div className="machine-fill-head">
        <label>
          {onToggle && <input type="checkbox" checked={!isExcluded} onChange={() => onToggle(nodeId)} />} <b>{node.name}</b>
        </label>
        <span className="muted small">{part}</span>
      </div>
      <StackedBar
        label={labels.fill(node.name, memoryText(weightBytes), memoryText(kvBytes), memoryText(freeBytes))}
        total={node.totalBytes}
        parts={[
          { name: 'used', value: usedBytes, tone: 'neutral' },
          { name: 'weights', value: weightBytes, tone: 'accent' },
          { name: 'kv', value: kvBytes, tone: 'success' },
        ]}
      />
      <span className="muted small number-text">
        {shard ? labels.takes(memoryText(weightBytes), memoryText(kvBytes)) : ''}{' '}
        {labels.left(memoryText(freeBytes), memoryText(node.totalBytes))}
      </span>
    </li>
  )
}
