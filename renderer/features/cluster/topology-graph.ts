import type { LinkView } from '../../../main/shared/cluster-view.ts'

/** All that joins two machines: both directions of every path. */
export interface Edge {
  readonly ends: readonly [string, string]
  /** The fastest kind between them. */
  readonly kind: 'rdma' | 'tcp'
  /** The best measured; null: none was. */
  readonly roundTripMs: number | null
  /** Names of RDMA devices, then addresses. */
  readonly paths: readonly string[]
}

/** Directed links as one edge per pair, RDMA first. */
export function toEdges(links: readonly LinkView[]): Edge[] {
  const pairs = new Map<string, LinkView[]>()
  for (const link of links) {
    const key = [link.from, link.to].sort().join(' ')
    pairs.set(key, [...(pairs.get(key) ?? []), link])
  }
  return [...pairs.values()].map(toEdge).sort((first, second) => Number(second.kind === 'rdma') - Number(first.kind === 'rdma') || first.ends.join().localeCompare(second.ends.join()))
}

function toEdge(links: readonly LinkView[]): Edge {
  const [first] = links
  const ends = [first?.from ?? '', first?.to ?? ''].sort() as [string, string]
  const roundTrips = links.map(({ roundTripMs }) => roundTripMs).filter((roundTripMs) => roundTripMs !== null)
  const named = (kind: LinkView['kind']): string[] => links.filter((link) => link.kind === kind).map((link) => link.device ?? link.address ?? '')
  return {
    ends,
    kind: links.some(({ kind }) => kind === 'rdma') ? 'rdma' : 'tcp',
    roundTripMs: roundTrips.length > 0 ? Math.min(...roundTrips) : null,
    paths: [...new Set([...named('rdma'), ...named('tcp')])].filter(Boolean),
  }
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly centers: readonly Point[]
}

/** Machines on an ellipse that grows with their number, so that cards of this size do not overlap. */
export function layOut(count: number, card: { readonly width: number; readonly height: number }): Layout {
  const margin = 16
  if (count <= 3) {
    const gap = 120
    const width = Math.max(1, count) * card.width + Math.max(0, count - 1) * gap + 2 * margin
    return { width, height: card.height + 2 * margin, centers: Array.from({ length: count }, (_, index) => ({ x: margin + card.width / 2 + index * (card.width + gap), y: margin + card.height / 2 })) }
  }
  const radiusX = Math.max(260, (count * (card.width + 30)) / (2 * Math.PI))
  const radiusY = Math.max(130, (count * (card.height + 60)) / (2 * Math.PI))
  const center = { x: radiusX + card.width / 2 + margin, y: radiusY + card.height / 2 + margin }
  const centers = Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / count - Math.PI / 2 + (count === 4 ? Math.PI / 4 : 0)
    return { x: center.x + radiusX * Math.cos(angle), y: center.y + radiusY * Math.sin(angle) }
  })
  return { width: 2 * center.x, height: 2 * center.y, centers }
}
