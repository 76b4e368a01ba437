import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { formatMemory } from '../../../main/shared/formats/byte-size.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectClusterMemory, selectLinks, selectNodeIds } from '../../store/select-cluster.ts'
import { formatRoundTrip } from '../../ui/format.ts'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { joinStrings } from '../join/strings.ts'
import { clusterStrings } from './strings.ts'
import { LeaveButton } from '../join/LeaveButton.tsx'
import { Newcomers } from '../join/Newcomers.tsx'
import { NearbyClusters } from '../join/NearbyClusters.tsx'
import { describeEdge } from './describe-edge.ts'
import { NodeName } from './NodeName.tsx'
import { NodeTable } from './NodeTable.tsx'
import { sortPaths } from './sort-paths.ts'
import { TopologyGraph } from './TopologyGraph.tsx'
import { type Edge, toEdges } from './topology-graph.ts'

export function ClusterViewPage(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const clusterName = useClusterStore((state) => state.view?.clusterName ?? '')
  const links = useClusterStore(selectLinks)
  const versions = useClusterStore((state) => new Set(Object.values(state.view?.nodes ?? {}).map(({ version }) => version)).size)
  const memory = useClusterStore(useShallow(selectClusterMemory))
  const edges = toEdges(links)
  const used = strings.common.used(formatMemory(memory.totalBytes - memory.freeBytes), formatMemory(memory.totalBytes))
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
      {edges.length > 0 && (
        <Panel title={clusterStrings.links}>
          <LinkTable edges={edges} />
        </Panel>
      )}
      <Panel title={joinStrings.nearby}>
        <NearbyClusters />
      </Panel>
    </View>
  )
}

/** The paths that matter; those within one machine or one cable are folded away. */
function Paths({ paths }: { readonly paths: readonly string[] }): ReactNode {
  const { main, more } = sortPaths(paths)
  return (
    <>
      {main.map((path) => (
        <div key={path}>{path}</div>
      ))}
      {more.length > 0 && (
        <details>
          <summary>{clusterStrings.morePaths(more.length)}</summary>
          {more.map((path) => (
            <div key={path}>{path}</div>
          ))}
        </details>
      )}
    </>
  )
}

function LinkTable({ edges }: { readonly edges: readonly Edge[] }): ReactNode {
  return (
    <div className="table-place" tabIndex={0} role="group" aria-label={clusterStrings.links}>
      <table className="table table-stacked">
        <thead>
          <tr>
            <th scope="col">{clusterStrings.between}</th>
            <th scope="col">{clusterStrings.kind}</th>
            <th scope="col">{clusterStrings.path}</th>
            <th scope="col" className="number">
              {clusterStrings.roundTrip}
            </th>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr key={edge.ends.join()}>
              <th scope="row">
                <NodeName nodeId={edge.ends[0]} /> – <NodeName nodeId={edge.ends[1]} />
              </th>
              <td>
                <span className={`badge ${edge.kind === 'rdma' ? 'badge-accent' : ''}`}>{describeEdge(edge)}</span>
              </td>
              <td className="muted">
                <Paths paths={edge.paths} />
              </td>
              <td className="number">{formatRoundTrip(edge.roundTripMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
