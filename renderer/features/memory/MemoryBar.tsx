import type { ReactNode } from 'react'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectKvBytesOn, selectNode, selectWeightBytesOn } from '../../store/select-cluster.ts'
import { memoryParts, shareMemory } from '../../ui/memory-share.ts'
import { StackedBar } from '../../ui/StackedBar.tsx'
import { memoryText } from '../../ui/format.ts'
import { memoryStrings } from './strings.ts'

/** How one machine's memory is used. */
export function MemoryBar({ nodeId }: { readonly nodeId: string }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const weightBytes = useClusterStore(selectWeightBytesOn(nodeId))
  const kvBytes = useClusterStore(selectKvBytesOn(nodeId))
  if (!node) return null
  const share = shareMemory({ ...node, weightBytes, kvBytes })
  const label =
    `${node.name}: ${memoryStrings.weights} ${memoryText(share.weightBytes)}, ${memoryStrings.kvCache} ` +
    `${memoryText(share.kvBytes)}, ${memoryStrings.other} ${memoryText(share.otherBytes)}, ` +
    `${memoryStrings.free} ${memoryText(share.freeBytes)}`
  return <StackedBar label={label} total={node.totalBytes} parts={memoryParts(share)} />
}
