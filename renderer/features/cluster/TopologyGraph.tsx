import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { formatMemory } from '../../../main/shared/formats/byte-size.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLeaderId, selectLinks, selectNode, selectNodeIds, selectOwnNodeId } from '../../store/select-cluster.ts'
import { strings } from '../../ui/strings.ts'
import { clusterStrings } from './strings.ts'
import { labelEdge } from './describe-edge.ts'
import { type Edge, labelRatio, layOut, type Point, toEdges } from './topology-graph.ts'

const CARD = { width: 214, height: 84 }
/** With more machines the link labels would overlap; the table shows them instead. */
const MOST_LABELLED_NODES = 8

export function TopologyGraph(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const links = useClusterStore(selectLinks)
  const edges = toEdges(links)
  const { width, height, centers } = layOut(nodeIds.length, CARD)
  const centerOf = (nodeId: string): Point | undefined => centers[nodeIds.indexOf(nodeId)]
  return (
    <svg
      className="topology"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      role="img"
      aria-label={clusterStrings.graphLabel(nodeIds.length, edges.length)}
    >
      {edges.map((edge) => (
        <EdgeLine
          key={edge.ends.join()}
          edge={edge}
          from={centerOf(edge.ends[0])}
          to={centerOf(edge.ends[1])}
          labelAt={
            nodeIds.length > MOST_LABELLED_NODES
              ? null
              : labelRatio(nodeIds.indexOf(edge.ends[0]), nodeIds.indexOf(edge.ends[1]), nodeIds.length)
          }
        />
      ))}
      {nodeIds.map((nodeId, index) => {
        const center = centers[index]
        return center && <NodeCard key={nodeId} nodeId={nodeId} center={center} />
      })}
    </svg>
  )
}

interface EdgeLineProps {
  readonly edge: Edge
  readonly from: Point | undefined
  readonly to: Point | undefined
  /** Position of the label along the edge, 0 to 1; null: no label. */
  readonly labelAt: number | null
}

function EdgeLine({ edge, from, to, labelAt }: EdgeLineProps): ReactNode {
  if (!from || !to) return null
  const label = labelEdge(edge)
  return (
    <g className={`edge edge-${edge.kind}`}>
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      {labelAt !== null && (
        <g transform={`translate(${from.x + (to.x - from.x) * labelAt} ${from.y + (to.y - from.y) * labelAt})`}>
          <rect x={-label.length * 3.6 - 8} y={-11} width={label.length * 7.2 + 16} height={22} rx={11} />
          <text textAnchor="middle" dy="0.35em">
            {label}
          </text>
        </g>
      )}
    </g>
  )
}

function NodeCard({ nodeId, center }: { readonly nodeId: string; readonly center: Point }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const isLeader = useClusterStore(selectLeaderId) === nodeId
  const isOwn = useClusterStore(selectOwnNodeId) === nodeId
  if (!node) return null
  const usedRatio = node.totalBytes > 0 ? 1 - node.availableBytes / node.totalBytes : 0
  const marks = [isLeader ? strings.common.leader : '', isOwn ? strings.common.thisMachine : ''].filter(Boolean).join(' · ')
  const barWidth = CARD.width - 28
  return (
    <g className="node-card" data-leader={isLeader} transform={`translate(${center.x - CARD.width / 2} ${center.y - CARD.height / 2})`}>
      <rect className="node-frame" width={CARD.width} height={CARD.height} rx={12} />
      <text className="node-name" x={14} y={25}>
        {shorten(node.model === null || node.model === undefined ? node.name : `${node.name} · ${node.model}`, 27)}
      </text>
      {marks !== '' && (
        <text className="node-mark" x={14} y={-8}>
          {marks}
        </text>
      )}
      <text className="node-chip" x={14} y={44}>
        {shorten(`${node.chip}, ${formatMemory(node.totalBytes)}`, 32)}
      </text>
      <rect className="node-track" x={14} y={60} width={barWidth} height={8} rx={4} />
      <rect
        className="node-fill"
        data-pressure={usedRatio > 0.9}
        x={14}
        y={60}
        width={Math.max(4, barWidth * usedRatio)}
        height={8}
        rx={4}
      />
    </g>
  )
}

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
