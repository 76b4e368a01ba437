import type { ReactNode } from 'react'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectNode } from '../../store/select-cluster.ts'

/** A machine's name; of one that is gone, the beginning of its id. */
export function NodeName({ nodeId }: { readonly nodeId: string }): ReactNode {
  return useClusterStore((state) => selectNode(nodeId)(state)?.name) ?? nodeId.slice(0, 8)
}
