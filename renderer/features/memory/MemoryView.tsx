import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectKvBytesOn, selectNode, selectNodeIds, selectWeightBytesOn } from '../../store/select-cluster.ts'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { memoryStrings } from './strings.ts'
import { MemoryBar } from './MemoryBar.tsx'
import { memoryText } from '../../ui/format.ts'
import { shareMemory } from '../../ui/memory-share.ts'

export function MemoryView(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const totalBytes = useClusterStore((state) => Object.values(state.view?.nodes ?? {}).reduce((sum, node) => sum + node.totalBytes, 0))
  const availableBytes = useClusterStore((state) =>
    Object.values(state.view?.nodes ?? {}).reduce((sum, node) => sum + node.availableBytes, 0),
  )
  return (
    <View title={strings.routes.memory} body={memoryStrings.body}>
      <Panel
        title={memoryStrings.total}
        aside={<span className="number-text">{strings.common.used(memoryText(totalBytes - availableBytes), memoryText(totalBytes))}</span>}
      >
        <ul className="memory-list">
          {nodeIds.map((nodeId) => (
            <NodeMemory key={nodeId} nodeId={nodeId} />
          ))}
        </ul>
      </Panel>
    </View>
  )
}

function NodeMemory({ nodeId }: { readonly nodeId: string }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const weightBytes = useClusterStore(selectWeightBytesOn(nodeId))
  const kvBytes = useClusterStore(selectKvBytesOn(nodeId))
  if (!node) return null
  const share = shareMemory({ ...node, weightBytes, kvBytes })
  return (
    <li>
      <div className="memory-head">
        <b>{node.name}</b>
        <span className="muted">{node.chip}</span>
        {share.pressure !== 'none' && (
          <span className={`badge ${share.pressure === 'tight' ? 'badge-warning' : 'badge-danger'}`}>
            {memoryStrings.pressure[share.pressure]}
          </span>
        )}
        <span className="spring" />
        <span className="number-text">{memoryText(node.totalBytes)}</span>
      </div>
      <MemoryBar nodeId={nodeId} />
      <dl className="legend">
        <Legend swatch="tone-accent" name={memoryStrings.weights} bytes={share.weightBytes} />
        <Legend swatch="tone-success" name={memoryStrings.kvCache} bytes={share.kvBytes} />
        <Legend
          swatch={share.pressure === 'none' ? 'tone-neutral' : share.pressure === 'tight' ? 'tone-warning' : 'tone-danger'}
          name={memoryStrings.other}
          bytes={share.otherBytes}
        />
        <Legend swatch="swatch-free" name={memoryStrings.free} bytes={share.freeBytes} />
      </dl>
    </li>
  )
}

function Legend({ swatch, name, bytes }: { readonly swatch: string; readonly name: string; readonly bytes: number }): ReactNode {
  return (
    <div>
      <dt>
        <span className={`swatch ${swatch}`} />
        {name}
      </dt>
      <dd className="number-text">{memoryText(bytes)}</dd>
    </div>
  )
}
