import type { NodeId } from '../../shared/ids.ts'
import { dialDelayMs, type PathKind, type PeerObservation } from './peer-observation.ts'

/** A node of any cluster that was heard recently. */
export interface DiscoveredPeer {
  readonly nodeId: NodeId
  readonly nodeName: string
  readonly clusterName: string
  readonly needsKey: boolean
  readonly version: string
  /** Memory of the machine; null if unknown. */
  readonly totalBytes: number | null
  /** Best first. */
  readonly addresses: readonly {
    readonly host: string
    readonly peerPort: number
    readonly interfaceName: string | null
    readonly pathKind: PathKind
    readonly sources: readonly string[]
  }[]
  /** Milliseconds since 1970. */
  readonly seenAtMs: number
}

/** Beacons are sent every 2 s, mDNS answers at least every 30 s; a few may be lost. */
const EXPIRY_MS = { broadcast: 10_000, mdns: 75_000, peer: 75_000, static: 0 } as const
/** Limits the table, because anyone on the network can announce nodes. */
const MAX_PEERS = 1024
const MAX_ADDRESSES = 32

/** `heardMs`: time of a monotonic clock, since the time of day may be set meanwhile. */
type Heard = PeerObservation & { readonly heardMs: number }

/** The latest observation by address and source. Pure: times are parameters, in ms of a monotonic clock. */
export class PeerTable {
  readonly #peers = new Map<NodeId, Map<string, Heard>>()

  add(observation: PeerObservation, nowMs: number): void {
    const { nodeId, host, peerPort, source } = observation
    if (nodeId === null) return
    const known = this.#peers.get(nodeId)
    if (!known && this.#peers.size >= MAX_PEERS) return
    const observations = known ?? new Map<string, Heard>()
    const key = `${source} ${host} ${peerPort}`
    if (observations.size >= MAX_ADDRESSES && !observations.has(key)) return
    observations.set(key, { ...observation, heardMs: nowMs })
    this.#peers.set(nodeId, observations)
  }

  /** The node said goodbye by mDNS: observations by other means remain. */
  removeMdns(nodeId: NodeId, host: string): void {
    const observations = this.#peers.get(nodeId)
    for (const [key, observation] of observations ?? [])
      if (observation.source === 'mdns' && observation.host === host) observations?.delete(key)
  }

  list(nowMs: number): DiscoveredPeer[] {
    for (const [nodeId, observations] of this.#peers) {
      for (const [key, { source, heardMs }] of observations) if (nowMs - heardMs > EXPIRY_MS[source]) observations.delete(key)
      if (observations.size === 0) this.#peers.delete(nodeId)
    }
    return [...this.#peers]
      .map(([nodeId, observations]) => describePeer(nodeId, [...observations.values()]))
      .toSorted((left, right) => (left.nodeId < right.nodeId ? -1 : 1))
  }
}

const keyOf = ({ host, peerPort }: PeerObservation): string => `${host} ${peerPort}`

function describePeer(nodeId: NodeId, observations: Heard[]): DiscoveredPeer {
  const newestFirst = observations.toSorted((left, right) => right.heardMs - left.heardMs)
  /** Not every source provides all facts. */
  const latest = <Key extends keyof PeerObservation>(key: Key): PeerObservation[Key] | undefined =>
    newestFirst.find((observation) => observation[key] !== null)?.[key]
  const keys = new Set(observations.map(keyOf))
  const addresses = [...keys].map((key) => {
    const group = observations.filter((observation) => keyOf(observation) === key)
    const { host, peerPort, interfaceName, pathKind } = group[0]!
    return { host, peerPort, interfaceName, pathKind, sources: group.map(({ source }) => source).toSorted() }
  })
  return {
    nodeId,
    nodeName: latest('nodeName') ?? '',
    clusterName: latest('clusterName') ?? '',
    needsKey: latest('needsKey') ?? false,
    version: latest('version') ?? '',
    totalBytes: latest('totalBytes') ?? null,
    addresses: addresses.toSorted((left, right) => dialDelayMs(left.pathKind) - dialDelayMs(right.pathKind)),
    seenAtMs: newestFirst[0]!.seenAtMs,
  }
}
