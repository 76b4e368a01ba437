import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useResource } from '../../services/use-resource.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLinks, selectNodeIds } from '../../store/select-cluster.ts'
import { EmptyState } from '../../ui/Notice.tsx'
import { Panel, View } from '../../ui/View.tsx'
import { strings } from '../../ui/strings.ts'
import { rdmaStrings } from './strings.ts'
import { NodeName } from '../cluster/NodeName.tsx'
import { Diagnostics, type NodeHardware } from '../../client/node-diagnostics.ts'
import { missingPairs, rdmaGrid } from './rdma-grid.ts'

export function RdmaView(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const links = useClusterStore(selectLinks)
  const grid = rdmaGrid(nodeIds, links)
  const missing = missingPairs(nodeIds, grid)
  const { data } = useResource('/diagnostics', Diagnostics, `${nodeIds.join()} ${missing.length}`)
  const labels = rdmaStrings
  if (nodeIds.length < 2)
    return (
      <View title={strings.routes.rdma} body={labels.body}>
        <EmptyState title={strings.common.machines(nodeIds.length)}>{labels.onlyOne}</EmptyState>
        {data && <RdmaStates hardware={data.hardware} />}
      </View>
    )
  return (
    <View title={strings.routes.rdma} body={labels.body}>
      <Panel>
        <div className="table-place" tabIndex={0} role="group" aria-label={labels.caption}>
          <table className="matrix">
            <caption className="visually-hidden">{labels.caption}</caption>
            <thead>
              <tr>
                <td />
                {nodeIds.map((nodeId) => (
                  <th key={nodeId} scope="col">
                    <NodeName nodeId={nodeId} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {nodeIds.map((from, row) => (
                <tr key={from}>
                  <th scope="row">
                    <NodeName nodeId={from} />
                  </th>
                  {nodeIds.map((to, column) => (
                    <MatrixCell key={to} devices={grid[row]?.[column] ?? null} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {missing.length === 0 ? (
          <p className="matrix-note">{labels.complete}</p>
        ) : (
          <>
            <h2 className="matrix-note">{labels.missing(missing.length)}</h2>
            <ul className="plain-list">
              {missing.map(([first, second]) => (
                <li key={`${first} ${second}`}>
                  <b>
                    <NodeName nodeId={first} /> – <NodeName nodeId={second} />
                  </b>
                  : {pairReason(data?.hardware[first], data?.hardware[second])}
                </li>
              ))}
            </ul>
          </>
        )}
      </Panel>
      {data && <RdmaStates hardware={data.hardware} />}
    </View>
  )
}

function MatrixCell({ devices }: { readonly devices: readonly string[] | null }): ReactNode {
  if (devices === null) return <td className="matrix-self" aria-label={rdmaStrings.self} />
  if (devices.length === 0) return <td className="matrix-none">{rdmaStrings.noLink}</td>
  return <td className="matrix-device">{devices.join(', ')}</td>
}

function pairReason(first: NodeHardware | undefined, second: NodeHardware | undefined): string {
  const nodes = [first, second].filter((node) => node !== undefined)
  const reasons = rdmaStrings.pairReason
  const absent = nodes.filter(({ rdma }) => rdma === 'absent').map(({ name }) => reasons.absent(name))
  const off = nodes.filter(({ rdma }) => rdma === 'disabled').map(({ name }) => reasons.off(name))
  return [...absent, ...off].join('; ') || reasons.cable
}

function RdmaStates({ hardware }: { readonly hardware: Readonly<Record<string, NodeHardware>> }): ReactNode {
  return (
    <Panel title={rdmaStrings.state}>
      <ul className="plain-list">
        {Object.entries(hardware)
          .sort(([, first], [, second]) => first.name.localeCompare(second.name, 'en', { numeric: true }))
          .map(([nodeId, node]) => (
            <li key={nodeId}>
              <b>{node.name}</b>: {rdmaStrings.states[node.rdma] ?? node.rdma}
              {node.bridge && `; ${rdmaStrings.bridge(node.bridge)}`}
            </li>
          ))}
      </ul>
    </Panel>
  )
}
