import { formatRoundTrip } from '../../ui/format.ts'
import { strings } from '../../ui/strings.ts'
import type { Edge } from './topology-graph.ts'

/** What joins two machines, for people: `Thunderbolt RDMA, 80 Gb/s`, `Wi-Fi`. */
export function describeEdge({ kind, medium, gigabitsPerSecond }: Edge): string {
  const carrier = medium === null || medium === 'unknown' ? strings.cluster.network : strings.cluster.media[medium]
  return [kind === 'rdma' ? `${carrier} RDMA` : carrier, gigabitsPerSecond === null ? '' : strings.cluster.speed(gigabitsPerSecond)]
    .filter(Boolean)
    .join(', ')
}

/** As short as fits on a line of the drawing. */
export function labelEdge(edge: Edge): string {
  const carrier =
    edge.kind === 'rdma'
      ? edge.gigabitsPerSecond === null
        ? 'RDMA'
        : ''
      : edge.medium === null || edge.medium === 'unknown'
        ? 'TCP'
        : strings.cluster.media[edge.medium]
  const speed = edge.gigabitsPerSecond === null ? '' : strings.cluster.speed(edge.gigabitsPerSecond)
  return [carrier, speed, edge.roundTripMs === null ? '' : formatRoundTrip(edge.roundTripMs)].filter(Boolean).join(' · ')
}
