import type { LinkView } from '../../../main/shared/cluster-view.ts'
import { clusterStrings } from './strings.ts'

/** Everything that connects two machines: both directions of every path. */
export interface Edge {
  readonly ends: readonly [string, string]
  /** The fastest kind of path between them. */
  readonly kind: 'rdma' | 'tcp'
  /** The best measured value; null: nothing was measured. */
  readonly roundTripMs: number | null
  /** The medium: `Thunderbolt`, `Ethernet`, …; null: no node reports it. */
  readonly medium: NonNullable<LinkView['medium']> | null
  readonly gigabitsPerSecond: number | null
  /** RDMA devices, then addresses, each with whether model traffic on it is encrypted. */
  readonly paths: readonly string[]
}

/** Merges directed links into one edge per pair, RDMA first. */
export function toEdges(links: readonly LinkView[]): Edge[] {
  const pairs = new Map<string, LinkView[]>()
  for (const link of links) {
    const key = [link.from, link.to].sort().join(' ')
    pairs.set(key, [...(pairs.get(key) ?? []), link])
  }
  return [...pairs.values()]
    .map(toEdge)
    .sort(
      (first, second) =>
        Number(second.kind === 'rdma') - Number(first.kind === 'rdma') || first.ends.join().localeCompare(second.ends.join()),
    )
}

/** Fastest first. */
const MEDIA = ['thunderbolt', 'ethernet', 'wifi'] as const

function toEdge(links: readonly LinkView[]): Edge {
  const [first] = links
  const ends = [first?.from ?? '', first?.to ?? ''].sort() as [string, string]
  const roundTrips = links.map(({ roundTripMs }) => roundTripMs).filter((roundTripMs) => roundTripMs !== null)
  const named = (kind: LinkView['kind']): string[] => links.filter((link) => link.kind === kind).map(namePath)
  return {
    ends,
    kind: links.some(({ kind }) => kind === 'rdma') ? 'rdma' : 'tcp',
    medium: links.some(({ kind }) => kind === 'rdma')
      ? 'thunderbolt'
      : (MEDIA.find((medium) => links.some((link) => link.medium === medium)) ?? null),
    gigabitsPerSecond: links.reduce<number | null>((most, link) => Math.max(most ?? 0, link.gigabitsPerSecond ?? 0) || null, null),
    roundTripMs: roundTrips.length > 0 ? Math.min(...roundTrips) : null,
    paths: [...new Set([...named('rdma'), ...named('tcp')])].filter(Boolean),
  }
}

function namePath({ device, address, sealed }: LinkView): string {
  const name = device ?? address ?? ''
  return sealed === undefined || name === '' ? name : `${name} (${sealed ? clusterStrings.sealed : clusterStrings.notSealed})`
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

/** Places machines in a row, or on an ellipse that grows with their number so that their cards do not overlap. */
export function layOut(count: number, card: { readonly width: number; readonly height: number }): Layout {
  if (count <= 2)
    return framed(
      Array.from({ length: count }, (_, index) => ({ x: index * (card.width + PAIR_GAP), y: 0 })),
      card,
    )
  // Neighbours are farthest apart vertically at the sides and horizontally at top and bottom. Both distances must clear a card.
  const growth = count / (2 * Math.PI)
  const radiusX = Math.max(330, growth * (card.width + 30) * CLEARANCE)
  const radiusY = Math.max(150, growth * (card.height + 60) * CLEARANCE)
  const turn = count === 4 ? Math.PI / 4 : 0
  const angles = Array.from({ length: count }, (_, index) => (2 * Math.PI * index) / count - Math.PI / 2 - turn)
  return framed(
    angles.map((angle) => ({ x: radiusX * Math.cos(angle), y: radiusY * Math.sin(angle) })),
    card,
  )
}

const PAIR_GAP = 190
const CLEARANCE = 1.15
/** The space above a card for the machine's role in the cluster. */
const MARGIN = 26

function framed(centers: readonly Point[], card: { readonly width: number; readonly height: number }): Layout {
  const [xs, ys] = [centers.map(({ x }) => x), centers.map(({ y }) => y)]
  const [left, top] = [Math.min(...xs, 0) - card.width / 2 - MARGIN, Math.min(...ys) - card.height / 2 - MARGIN]
  if (centers.length === 0) return { width: 0, height: 0, centers }
  return {
    width: Math.max(...xs) + card.width / 2 + MARGIN - left,
    height: Math.max(...ys) + card.height / 2 + MARGIN - top,
    centers: centers.map(({ x, y }) => ({ x: x - left, y: y - top })),
  }
}
