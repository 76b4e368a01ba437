import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectClusterMemory, selectLinks, selectNodeIds } from '../../store/select-cluster.ts'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { joinStrings } from '../join/strings.ts'
import { clusterStrings } from './strings.ts'
import { LeaveButton } from '../join/LeaveButton.tsx'
import { Newcomers } from '../join/Newcomers.tsx'
import { NearbyClusters } from '../join/NearbyClusters.tsx'
import { LinksPanel } from './LinksPanel.tsx'
import { NodeTable } from './NodeTable.tsx'
import { TopologyGraph } from './TopologyGraph.tsx'
import { memoryText } from '../../ui/format.ts'
import { toEdges } from './topology-graph.ts'

export function ClusterViewPage(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const clusterName = useClusterStore((state) => state.view?.clusterName ?? '')
  const links = useClusterStore(selectLinks)
  const versions = useClusterStore((state) => new Set(Object.values(state.view?.nodes ?? {}).map(({ version }) => version)).size)
  const memory = useClusterStore(useShallow(selectClusterMemory))
  const edges = toEdges(links)
  const used = strings.common.used(memoryText(memory.totalBytes - memory.freeBytes), memoryText(memory.totalBytes))
  return (
    <View
      title={strings.routes.cluster}
      body={nodeIds.length > 0 ? `${clusterStrings.body(nodeIds.length, clusterName)} · ${used}` : strings.common.loading}
      actions={nodeIds.length > 1 && <LeaveButton />}
    >
      {versions > 1 && <p className="note note-warning">{clusterStrings.differentVersions}</p>}
      <Newcomers />
      <Panel title={clusterStrings.topology}>
        <div className="topology-place">
          <TopologyGraph />
        </div>
        {nodeIds.length === 1 && <p className="muted topology-hint">{clusterStrings.alone}</p>}
      </Panel>
      <Panel title={clusterStrings.machines}>
        <NodeTable nodeIds={nodeIds} />
      </Panel>
      {edges.length > 0 && <LinksPanel edges={edges} />}
      <Panel title={joinStrings.nearby}>
        <NearbyClusters />
      </Panel>
    </View>
  )
}
