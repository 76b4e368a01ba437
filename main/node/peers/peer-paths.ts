import { measurePaths } from '../../cluster/measure-paths.ts'
import type { LinkedPeer } from '../../cluster/link/links.ts'
import { unmapAddress } from '../../shared/addresses/unmap-address.ts'
import { type InterfaceAddress, interfaceFacing, readInterfaceAddresses } from '../../discovery/peers/network-interface.ts'
import type { Clock } from '../../platform/clock.ts'
import { takeTurns } from '../../platform/waiting/take-turns.ts'
import type { InterfaceKind } from '../../shared/hardware.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { LinkMedium, TcpLink } from '../../shared/topology.ts'
import type { PathWidth } from '../../cluster/judge-path-width.ts'
import { type NarrowPath, PathWidths } from './path-widths.ts'
import { isPlausibleAddress } from './plausible-address.ts'
import { scopedTowards } from './scoped-addresses.ts'

const MEASURE_EACH_MS = 15_000
/** A slow machine makes steps stand still often. */
const SUSPECT_EACH_MS = 10_000
const MOST_PROVEN = 16_384
/** If one address answers at once and another does not, the first is reported before the second times out. */
const SETTLE_MS = 200

interface Measurement {
  readonly addresses: readonly string[]
  readonly end: AbortController
}

export interface PeerPathsDependencies {
  readonly nodeId: NodeId
  readonly clock: Clock
  readonly kindOfInterface: (interfaceName: string) => InterfaceKind
  peers(): readonly LinkedPeer[]
  /** The addresses that a peer reports. */
  addressesOf(nodeId: NodeId): readonly string[]
  onChange(): void
  /** Whether a peer proves its identity at an address. */
  provesItselfAt(peer: LinkedPeer, address: string, signal: AbortSignal): Promise<boolean>
  /** Whether large packets pass to that address and back. */
  widthOf(peer: LinkedPeer, address: string, signal: AbortSignal): Promise<PathWidth>
  /** The link to a peer uses an address at which large packets are lost. */
  onNarrowLink(peer: LinkedPeer): void
  /** Null if nothing arrives from that address. */
  throughputOf(peer: LinkedPeer, address: string, signal: AbortSignal): Promise<number | null>
}

/** Measures at which addresses the linked peers answer, when they are linked and from time to time afterwards. */
export class PeerPaths {
  readonly #dependencies: PeerPathsDependencies
  readonly #paths = new Map<NodeId, readonly TcpLink[]>()
  /** Peer, address and port at which the peer has proven its identity. */
  readonly #proven = new Set<string>()
  /** The latest measurements, by peer and address. */
  readonly #throughputs = new Map<string, number>()
  readonly #widths: PathWidths
  readonly #inTurn = takeTurns()
  readonly #signal: AbortSignal
  readonly #measuring = new Map<NodeId, Measurement>()
  readonly #again = new Set<NodeId>()
  #suspectedMs = Number.NEGATIVE_INFINITY

  constructor(dependencies: PeerPathsDependencies, signal: AbortSignal) {
    this.#dependencies = dependencies
    this.#signal = signal
    this.#widths = new PathWidths(dependencies.clock)
    dependencies.clock.every(MEASURE_EACH_MS, () => this.measureAll(), signal)
  }

  links(): TcpLink[] {
    const linked = new Map(this.#dependencies.peers().map((peer) => [peer.nodeId, peer]))
    const own = readInterfaceAddresses()
    return [...this.#paths].flatMap(([nodeId, paths]) => {
      const peer = linked.get(nodeId)
      if (!peer) return []
      const addresses = this.#addressesOf(peer, own)
      return paths.filter(({ address }) => addresses.includes(address)).map((path) => this.#withThroughput(path))
    })
  }

  /** Paths that lose large packets: groups of ranks must not use them. */
  narrow(): NarrowPath[] {
    const linked = new Map(this.#dependencies.peers().map((peer) => [peer.nodeId, peer]))
    const own = readInterfaceAddresses()
    // A link over such a path soon breaks and cannot be made again, so the finding is kept until a link exists.
    return this.#widths.narrow().filter(({ to, address }) => {
      const peer = linked.get(to)
      return (peer ? this.#addressesOf(peer, own) : this.#dependencies.addressesOf(to)).includes(address)
    })
  }

  /**
   * Measures everything again, including whether large packets pass: a group or a link failed, and the network may be the
   * cause. Links that lose large packets are left at once, because otherwise each would be found out only when it stalls.
   */
  doubt(): void {
    this.#widths.doubt()
    this.measureAll()
    for (const peer of this.#dependencies.peers()) void this.#doubtLink(peer)
  }

  /**
   * A step stands still, which a slow machine may cause as well as the network. The tests run while the ring still waits, so that
   * their results are known when it gives up.
   */
  suspect(): void {
    const nowMs = this.#dependencies.clock.now()
    if (nowMs - this.#suspectedMs < SUSPECT_EACH_MS) return
    this.#suspectedMs = nowMs
    this.doubt()
  }

  /** Measures how fast every linked peer sends at each of its addresses, one after another. Overlapping calls wait for each other. */
  measureThroughput(signal: AbortSignal): Promise<TcpLink[]> {
    return this.#inTurn(() => this.#measureThroughput(signal))
  }

  measureAll(): void {
    for (const peer of this.#dependencies.peers()) void this.#measure(peer)
  }

  async #measureThroughput(signal: AbortSignal): Promise<TcpLink[]> {
    const { peers, throughputOf, onChange } = this.#dependencies
    for (const peer of peers()) {
      for (const { address } of this.#paths.get(peer.nodeId) ?? []) {
        signal.throwIfAborted()
        const bytesPerSecond = await throughputOf(peer, address, signal)
        if (bytesPerSecond === null) this.#throughputs.delete(`${peer.nodeId} ${address}`)
        else this.#throughputs.set(`${peer.nodeId} ${address}`, Math.round(bytesPerSecond))
      }
    }
    onChange()
    return this.links()
  }

  #withThroughput(path: TcpLink): TcpLink {
    const throughputBytesPerSecond = this.#throughputs.get(`${path.to} ${path.address}`)
    return throughputBytesPerSecond === undefined ? path : { ...path, throughputBytesPerSecond }
  }

  async #isAt(peer: LinkedPeer, address: string, signal: AbortSignal): Promise<boolean> {
    const place = `${peer.nodeId} ${address} ${peer.address.port}`
    if (!this.#proven.has(place)) {
      if (!(await this.#dependencies.provesItselfAt(peer, address, signal))) return false
      if (this.#proven.size >= MOST_PROVEN) this.#proven.clear()
      this.#proven.add(place)
    }
    return !(await this.#widths.isNarrow({ to: peer.nodeId, address }, peer.isInDoubt === true, () =>
      this.#dependencies.widthOf(peer, address, signal),
    ))
  }

  async #doubtLink(peer: LinkedPeer): Promise<void> {
    const { widthOf, onNarrowLink } = this.#dependencies
    const { host } = peer.address
    const path = { to: peer.nodeId, address: unmapAddress(host) }
    if (await this.#widths.isNarrow(path, true, () => widthOf(peer, host, this.#signal))) onNarrowLink(peer)
  }

  async #measure(peer: LinkedPeer): Promise<void> {
    const { nodeId: peerId } = peer
    const own = readInterfaceAddresses()
    const addresses = this.#addressesOf(peer, own)
    const running = this.#measuring.get(peerId)
    if (running) {
      // A request in the meantime may concern addresses that this measurement does not include, and this one may be
      // waiting for an address that is gone.
      this.#again.add(peerId)
      if (addresses.join() !== running.addresses.join()) running.end.abort()
      return
    }
    const measurement: Measurement = { addresses, end: new AbortController() }
    this.#measuring.set(peerId, measurement)
    try {
      await this.#measureAt(peer, own, measurement)
    } finally {
      this.#measuring.delete(peerId)
    }
    const now = this.#again.delete(peerId) ? this.#dependencies.peers().find((candidate) => candidate.nodeId === peerId) : undefined
    if (now && !this.#signal.aborted) await this.#measure(now)
  }

  async #measureAt(peer: LinkedPeer, own: readonly InterfaceAddress[], { addresses, end }: Measurement): Promise<void> {
    const { nodeId, clock, kindOfInterface } = this.#dependencies
    const signal = AbortSignal.any([this.#signal, end.signal])
    const mediumOf = (address: string): LinkMedium => {
      const facing = interfaceFacing(address, own)
      const kind = facing && !facing.isInternal ? kindOfInterface(facing.interfaceName) : 'other'
      return kind === 'other' ? 'unknown' : kind
    }
    const standing = (this.#paths.get(peer.nodeId) ?? []).filter(({ address }) => addresses.includes(address))
    const found: TcpLink[] = []
    const settled = new AbortController()
    const onPath = (path: TcpLink): void => {
      found.push(path)
      if (found.length > 1 || standing.some(({ address }) => address === path.address)) return
      const tell = (): void =>
        this.#keep(peer.nodeId, [...found, ...standing.filter((known) => !found.some(({ address }) => address === known.address))])
      clock.sleep(SETTLE_MS, AbortSignal.any([signal, settled.signal])).then(tell, () => undefined)
    }
    const measured = {
      nodeId: peer.nodeId,
      addresses,
      peerPort: peer.address.port,
      isAt: (address: string, isAtSignal: AbortSignal) => this.#isAt(peer, address, isAtSignal),
      onPath,
    }
    await measurePaths(nodeId, measured, mediumOf, clock, signal)
    settled.abort()
    if (end.signal.aborted) return
    // If nothing answered in a busy moment while the link exists, the earlier paths are kept, except narrow ones.
    const narrow = this.narrow().flatMap(({ to, address }) => (to === peer.nodeId ? [address] : []))
    this.#keep(
      peer.nodeId,
      found.length > 0
        ? found.toSorted((a, b) => addresses.indexOf(a.address) - addresses.indexOf(b.address))
        : standing.filter(({ address }) => !narrow.includes(address)),
    )
  }

  #keep(peerId: NodeId, paths: readonly TcpLink[]): void {
    this.#paths.set(peerId, paths)
    this.#dependencies.onChange()
  }

  /** Possible addresses of a peer. An address that both machines have leads back to this one, unless the link itself uses it. */
  #addressesOf({ nodeId, address }: LinkedPeer, own: readonly InterfaceAddress[]): string[] {
    const isOwn = (candidate: string): boolean => own.some((other) => other.address === candidate)
    const reported = this.#dependencies
      .addressesOf(nodeId)
      .filter((candidate) => !isOwn(candidate) && isPlausibleAddress(candidate, address.host, own))
    return [...new Set([unmapAddress(address.host), ...reported.flatMap((candidate) => scopedTowards(candidate, own))])]
  }
}
