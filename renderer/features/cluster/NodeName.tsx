import type { ReactNode } from 'react'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectNode } from '../../store/select-cluster.ts'

/** A machine's name, or the start of its id if the machine has left. */
export function NodeName({ nodeId }: { readonly nodeId: string }): ReactNode {
  return useClusterStore((state) => selectNode(nodeId)(state)?.name) ?? nodeId.slice(0, 8)
}
