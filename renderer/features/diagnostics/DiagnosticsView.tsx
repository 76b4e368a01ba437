import type { ReactNode } from 'react'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { formatDuration, systemName } from '../../ui/format.ts'
import { ErrorNote } from '../../ui/Notice.tsx'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { rdmaStrings } from '../rdma/strings.ts'
import { diagnosticsStrings } from './strings.ts'
import { DoctorChecks } from './DoctorChecks.tsx'
import { ReportDialog } from './ReportDialog.tsx'
import { Diagnostics, type NodeHardware } from '../../client/node-diagnostics.ts'

export function DiagnosticsView(): ReactNode {
  const version = useClusterStore((state) => `${state.connection} ${Object.keys(state.view?.nodes ?? {}).join()}`)
  const { data, error, reload } = useResource('/diagnostics', Diagnostics, version)
  return (
    <View title={strings.routes.diagnostics} body={diagnosticsStrings.body} actions={<ReportDialog diagnostics={data} />}>
      <DoctorChecks />
      {error && <ErrorNote message={error.message} onRetry={reload} />}
      {data === null && !error && <p className="muted">{strings.common.loading}</p>}
      {Object.entries(data?.hardware ?? {}).map(([nodeId, node]) => (
        <NodeFacts key={nodeId} node={node} clockSkewMs={data?.clockSkewMs[nodeId] ?? null} />
      ))}
    </View>
  )
}

function NodeFacts({ node, clockSkewMs }: { readonly node: NodeHardware; readonly clockSkewMs: number | null }): ReactNode {
  const labels = diagnosticsStrings
  const system = [
    node.model,
    node.chip,
    node.cores && `${node.cores} ${labels.cores}`,
    `${systemName(node.platform)} ${node.osVersion ?? ''}`,
  ]
    .filter(Boolean)
    .join(' · ')
  return (
    <Panel title={node.name}>
      <dl className="fact-list">
        <Fact name={labels.system}>{system}</Fact>
        <Fact name={labels.interfaces}>
          {node.interfaces.map(({ name, kind, addresses }) => (
            <div key={name}>
              {name} <span className="muted">{kind}</span> {addresses.join(', ')}
            </div>
          ))}
        </Fact>
        <Fact name={labels.thunderbolt}>{node.thunderboltPorts.length}</Fact>
        <Fact name="RDMA">{rdmaStrings.states[node.rdma] ?? node.rdma}</Fact>
        {clockSkewMs !== null && <Fact name={labels.clock}>{clockText(clockSkewMs)}</Fact>}
        {node.missing.length > 0 && (
          <Fact name={labels.missing}>{node.missing.map(({ source, reason }) => `${source}: ${reason}`).join('; ')}</Fact>
        )}
      </dl>
    </Panel>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Above this, a person who compares two clocks sees it. */
const IN_SYNC_MS = 1000

function clockText(skewMs: number): string {
  const difference = `${skewMs < 0 ? '−' : '+'}${formatDuration(Math.abs(skewMs))}`
  return Math.abs(skewMs) < IN_SYNC_MS ? diagnosticsStrings.clockInSync(difference) : diagnosticsStrings.clockOff(difference)
}
