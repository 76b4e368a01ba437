import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useClusterStore } from '../../store/cluster-store.ts'
import {
  selectKvBytesOn,
  selectLeaderId,
  selectLinks,
  selectNode,
  selectNodeIds,
  selectOwnNodeId,
  selectWeightBytesOn,
} from '../../store/select-cluster.ts'
import { strings } from '../../ui/strings.ts'
import { shareMemory } from '../../ui/memory-share.ts'
import { clusterStrings } from './strings.ts'
import { labelEdge } from './describe-edge.ts'
import { LABEL_HEIGHT, placeLabels } from './place-labels.ts'
import { memoryText } from '../../ui/format.ts'
import { type Edge, layOut, type Point, toEdges } from './topology-graph.ts'

const CARD = { width: 214, height: 84 }
/** With more machines the link labels would overlap; the table shows them instead. */
const MOST_LABELLED_NODES = 8

export function TopologyGraph(): ReactNode {
  const nodeIds = useClusterStore(useShallow(selectNodeIds))
  const links = useClusterStore(selectLinks)
  const edges = toEdges(links)
  const { width, height, centers } = layOut(nodeIds.length, CARD)
  const centerOf = (nodeId: string): Point | undefined => centers[nodeIds.indexOf(nodeId)]
  const lines = edges.flatMap((edge) => {
    const [from, to] = [centerOf(edge.ends[0]), centerOf(edge.ends[1])]
    return from && to ? [{ edge, from, to, text: labelEdge(edge), width: labelWidth(labelEdge(edge)) }] : []
  })
  const labels = nodeIds.length > MOST_LABELLED_NODES ? [] : placeLabels(lines, centers, CARD)
  return (
    <svg
      className="topology"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      role="img"
      aria-label={clusterStrings.graphLabel(nodeIds.length, edges.length)}
    >
      {lines.map(({ edge, from, to }) => (
        <g key={edge.ends.join()} className={`edge edge-${edge.kind}`}>
          <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
        </g>
      ))}
      {labels.map((place, index) => {
        const line = lines[index]
        return line && place && <EdgeLabel key={line.edge.ends.join()} edge={line.edge} text={line.text} at={place} />
      })}
      {nodeIds.map((nodeId, index) => {
        const center = centers[index]
        return center && <NodeCard key={nodeId} nodeId={nodeId} center={center} />
      })}
    </svg>
  )
}

const labelWidth = (text: string): number => text.length * 7.2 + 16

/** Drawn after all lines, so that none strikes through it. */
function EdgeLabel({ edge, text, at }: { readonly edge: Edge; readonly text: string; readonly at: Point }): ReactNode {
  return (
    <g className={`edge edge-${edge.kind}`} transform={`translate(${at.x} ${at.y})`}>
      <rect x={-labelWidth(text) / 2} y={-LABEL_HEIGHT / 2} width={labelWidth(text)} height={LABEL_HEIGHT} rx={LABEL_HEIGHT / 2} />
      <text textAnchor="middle" dy="0.35em">
        {text}
      </text>
    </g>
  )
}

function NodeCard({ nodeId, center }: { readonly nodeId: string; readonly center: Point }): ReactNode {
  const node = useClusterStore(selectNode(nodeId))
  const isLeader = useClusterStore(selectLeaderId) === nodeId
  const isOwn = useClusterStore(selectOwnNodeId) === nodeId
  const weightBytes = useClusterStore(selectWeightBytesOn(nodeId))
  const kvBytes = useClusterStore(selectKvBytesOn(nodeId))
  if (!node) return null
  const share = shareMemory({ ...node, weightBytes, kvBytes })
  const models = share.weightBytes + share.kvBytes
  const ratio = (bytes: number): number => (node.totalBytes > 0 ? bytes / node.totalBytes : 0)
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
        {shorten(`${node.chip}, ${memoryText(node.totalBytes)}`, 32)}
      </text>
      <rect className="node-track" x={14} y={60} width={barWidth} height={8} rx={4} />
      <rect
        className="node-fill"
        data-pressure={share.pressure}
        x={14}
        y={60}
        width={Math.max(4, barWidth * ratio(models + share.otherBytes))}
        height={8}
        rx={4}
      />
      {models > 0 && <rect className="node-models" x={14} y={60} width={Math.max(2, barWidth * ratio(models))} height={8} rx={4} />}
    </g>
  )
}

const shorten = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)
