import { type ReactNode, useState } from 'react'
import { z } from 'zod'
import { LinkView } from '../../../main/shared/cluster-view.ts'
import { useServices } from '../../services/services.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLinks } from '../../store/select-cluster.ts'
import { bytesText, formatRoundTrip } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { strings } from '../../ui/strings.ts'
import { useAction } from '../../ui/use-action.ts'
import { Panel } from '../../ui/View.tsx'
import { describeEdge } from './describe-edge.ts'
import { fastestBetween } from './fastest-between.ts'
import { NodeName } from './NodeName.tsx'
import { sortPaths } from './sort-paths.ts'
import { clusterStrings } from './strings.ts'
import type { Edge } from './topology-graph.ts'

const MeasuredLinks = z.object({ links: z.array(LinkView) })

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

/** The links between machines, with a button that measures how fast they are. */
export function LinksPanel({ edges }: { readonly edges: readonly Edge[] }): ReactNode {
  const { api } = useServices()
  const action = useAction()
  const known = useClusterStore(selectLinks)
  const [measured, setMeasured] = useState<readonly LinkView[] | null>(null)
  const measure = (): void => action.run(async () => setMeasured((await api.post('/links/measure', {}, MeasuredLinks)).links))
  return (
    <Panel
      title={clusterStrings.links}
      aside={
        <button type="button" className="button button-small" disabled={action.isRunning} onClick={measure}>
          {action.isRunning ? clusterStrings.measuring : clusterStrings.measure}
        </button>
      }
    >
      {action.error !== null && <ErrorNote message={action.error} />}
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
              <th scope="col" className="number">
                {clusterStrings.throughput}
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
                <td className="number">{throughputText(fastestBetween(edge.ends, measured ?? known))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

const throughputText = (bytesPerSecond: number | null): string =>
  bytesPerSecond === null ? strings.common.none : `${bytesText(bytesPerSecond)}/s`
