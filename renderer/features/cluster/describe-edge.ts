import { formatRoundTrip } from '../../ui/format.ts'
import { clusterStrings } from './strings.ts'
import type { Edge } from './topology-graph.ts'

/** Describes the connection between two machines: `Thunderbolt RDMA, 80 Gb/s`, `Wi-Fi`. */
export function describeEdge({ kind, medium, gigabitsPerSecond }: Edge): string {
  const carrier = medium === null || medium === 'unknown' ? clusterStrings.network : clusterStrings.media[medium]
  return [kind === 'rdma' ? `${carrier} RDMA` : carrier, gigabitsPerSecond === null ? '' : clusterStrings.speed(gigabitsPerSecond)]
    .filter(Boolean)
    .join(', ')
}

/** A shorter description that fits on an edge of the graph. */
export function labelEdge(edge: Edge): string {
  const carrier =
    edge.kind === 'rdma'
      ? edge.gigabitsPerSecond === null
        ? 'RDMA'
        : ''
      : edge.medium === null || edge.medium === 'unknown'
        ? 'TCP'
        : clusterStrings.media[edge.medium]
  const speed = edge.gigabitsPerSecond === null ? '' : clusterStrings.speed(edge.gigabitsPerSecond)
  return [carrier, speed, edge.roundTripMs === null ? '' : formatRoundTrip(edge.roundTripMs)].filter(Boolean).join(' · ')
}
