import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Random } from '../../platform/random.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import { interfaceFacing, type InterfaceAddress } from './network-interface.ts'
import { fitAnnouncement, type PeerAnnouncement } from './peer-announcement.ts'
import type { PeerObservation, PeerSighting } from './peer-observation.ts'
import { PeerTable, type DiscoveredPeer } from './peer-table.ts'
import { startBeacon } from './start-beacon.ts'
import { Mdns } from './start-mdns.ts'

const TICK_MS = 200
/** Intervals after the start and after every change of the network; the last one then repeats. */
const BEACON_PACE_MS = [0, 200, 400, 800, 1500] as const
/** RFC 6762 5.2: one second, then at least twice as long each time. Every node answers every query. */
const QUERY_PACE_MS = [0, 1000, 2000, 4000, 8000, 16_000, 30_000] as const
const INTERFACE_PACE_MS = 1000
/** Minimum time between answers to requests. */
const ANSWER_PACE_MS = 300

export interface DiscoveryOptions {
  /** The announcement of this node; null: it only listens and sends requests. */
  readonly announcement: PeerAnnouncement | null
  readonly mdns: boolean
  readonly broadcast: boolean
  readonly staticPeers: readonly { readonly host: string; readonly port: number }[]
  readonly readInterfaceAddresses: () => readonly InterfaceAddress[]
  /** The kind of network that an interface of this machine is on. */
  readonly kindOfInterface: (interfaceName: string) => InterfaceKind
  readonly onObservation: (observation: PeerObservation) => void
  readonly clock: Clock
  readonly random: Pick<Random, 'ratio'>
  readonly log: Log
}

/** An address reported by another node. */
export type ReportedPeer = Pick<
  PeerObservation,
  'nodeId' | 'nodeName' | 'clusterName' | 'needsKey' | 'version' | 'totalBytes' | 'host' | 'peerPort'
>

export interface Discovery {
  /** Addresses that peers report about their peers. */
  report(peer: ReportedPeer): void
  /** All nodes heard recently, in any cluster. */
  peers(): DiscoveredPeer[]
  close(): Promise<void>
}

/**
 * Finds nodes by mDNS, UDP broadcast, configured addresses and reports of peers, all at the same time. Every packet of
 * a node gives an observation, so a node that returns or moves is observed again.
 *
 * @throws AppError `cluster-name-too-long`
 */
export async function startDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { clock, random, log, onObservation, kindOfInterface } = options
  const announcement = options.announcement && fitAnnouncement(options.announcement)
  const table = new PeerTable()
  const stopping = new AbortController()
  let addresses = options.readInterfaceAddresses()

  const observe = (peer: ReportedPeer, source: PeerObservation['source']): void => {
    const facing = interfaceFacing(peer.host, addresses)
    if (announcement && peer.nodeId === announcement.nodeId) {
      // The node's own announcement may come back, or that of a clone on another machine. Dialling it finds out which.
      if (facing?.isInternal !== true)
        onObservation({
          ...peer,
          nodeId: null,
          source,
          interfaceName: facing?.interfaceName ?? null,
          pathKind: 'other',
          seenAtMs: clock.epochMs(),
        })
      return
    }
    const interfaceName = facing?.interfaceName ?? null
    const pathKind = facing === null ? 'other' : facing.isInternal ? 'same-machine' : kindOfInterface(facing.interfaceName)
    const observation: PeerObservation = { ...peer, source, interfaceName, pathKind, seenAtMs: clock.epochMs() }
    table.add(observation, clock.now())
    onObservation(observation)
  }
  const onSighting = ({ announcement: told, host, source }: PeerSighting): void => {
    const { nodeId, nodeName, clusterName, needsKey, version, totalBytes, peerPort } = told
    if (!stopping.signal.aborted) observe({ nodeId, nodeName, clusterName, needsKey, version, totalBytes, host, peerPort }, source)
  }
  const onGoodbye = (nodeId: string, host: string): void => table.removeMdns(nodeId as NodeId, host)

  let answeredMs = Number.NEGATIVE_INFINITY
  const onAsked = (): void => {
    if (!announcement || stopping.signal.aborted || clock.now() - answeredMs < ANSWER_PACE_MS) return
    answeredMs = clock.now()
    beacon?.send(addresses)
  }
  const beacon = options.broadcast ? await startBeacon({ announcement, log, onSighting, onAsked }) : null
  const mdns = options.mdns ? new Mdns({ announcement, clock, log, onSighting, onGoodbye }) : null
  mdns?.update(addresses)

  const beacons = new Pace(BEACON_PACE_MS, () => beacon?.send(addresses))
  const queries = new Pace(QUERY_PACE_MS, () => mdns?.query())
  const interfaces = new Pace([INTERFACE_PACE_MS], () => {
    const signature = JSON.stringify(addresses)
    addresses = options.readInterfaceAddresses()
    if (JSON.stringify(addresses) === signature) return
    log.debug('the network has changed', { interfaces: addresses.map(({ interfaceName, address }) => `${interfaceName} ${address}`) })
    mdns?.update(addresses)
    beacons.restart()
    queries.restart()
  })
  const tick = (): void => {
    for (const pace of [interfaces, beacons, queries]) pace.tick(clock.now(), random.ratio())
  }
  clock.every(TICK_MS, tick, stopping.signal)
  tick()
  const unknown = { nodeId: null, nodeName: null, clusterName: null, needsKey: null, version: null, totalBytes: null }
  for (const { host, port } of options.staticPeers) observe({ ...unknown, host, peerPort: port }, 'static')

  return {
    report: (peer) => observe(peer, 'peer'),
    peers: () => table.list(clock.now()),
    close: async () => {
      stopping.abort()
      beacon?.close()
      await mdns?.close()
    },
  }
}

/** Acts at growing intervals, each extended at random by up to a fifth, so that nodes do not all send at once. */
class Pace {
  readonly #distancesMs: readonly number[]
  readonly #act: () => void
  #count = 0
  #dueMs = Number.NEGATIVE_INFINITY

  constructor(distancesMs: readonly number[], act: () => void) {
    this.#distancesMs = distancesMs
    this.#act = act
  }

  restart(): void {
    this.#count = 0
    this.#dueMs = Number.NEGATIVE_INFINITY
  }

  tick(nowMs: number, ratio: number): void {
    if (nowMs < this.#dueMs) return
    this.#count = Math.min(this.#count + 1, this.#distancesMs.length - 1)
    this.#dueMs = nowMs + this.#distancesMs[this.#count]! * (1 + ratio / 5)
    this.#act()
  }
}
