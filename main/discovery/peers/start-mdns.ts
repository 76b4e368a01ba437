import { Bonjour } from 'bonjour-service'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { readMdnsResponse, formatTxt, SERVICE_TYPE, type MdnsResponse } from './mdns-records.ts'
import type { InterfaceAddress } from './network-interface.ts'
import type { PeerAnnouncement } from './peer-announcement.ts'
import type { PeerSighting } from './peer-observation.ts'

const GOODBYE_LIMIT_MS = 300

/** The multicast-dns socket inside an instance, which the library's types do not include. */
interface MdnsSocket {
  on(event: 'response', listener: (response: MdnsResponse, from: { address: string }) => void): void
  on(event: 'error' | 'warning', listener: (error: Error) => void): void
}

export interface MdnsOptions {
  /** null: only browse. */
  readonly announcement: PeerAnnouncement | null
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Pick<Log, 'debug'>
  onSighting(sighting: PeerSighting): void
  onGoodbye(nodeId: string, host: string): void
}

interface Instance {
  query(): void
  close(hasGoodbye: boolean): Promise<void>
}

/**
 * mDNS `_exo._tcp` with bonjour-service, on every interface.
 *
 * The library is used only for its packets:
 * - It sends on a single interface, so there is one instance per address.
 * - It keeps the addresses that it started with, so all instances are recreated when any address changes.
 * - When its probing finds a name conflict, the loser says goodbye in the winner's name, so probing is off and the
 *   names are node ids.
 * - It queries once and never forgets a peer, so the caller sends further queries and expires peers.
 * - A peer's address is the source of its packets, regardless of the A records.
 */
export class Mdns {
  readonly #options: MdnsOptions
  readonly #instances = new Map<string, Instance>()
  #signature = ''

  constructor(options: MdnsOptions) {
    this.#options = options
  }

  /** Follows changes of the machine's interfaces. @returns whether anything has changed */
  update(addresses: readonly InterfaceAddress[]): boolean {
    const usable = addresses.filter(({ isInternal, family, address }) => !isInternal && (family === 'IPv4' || address.startsWith('fe80:')))
    const signature = usable.map(keyOf).toSorted().join()
    if (signature === this.#signature) return false
    this.#signature = signature
    for (const instance of this.#instances.values()) void instance.close(false)
    this.#instances.clear()
    for (const address of usable) {
      try {
        this.#instances.set(keyOf(address), this.#open(address))
      } catch (error) {
        this.#options.log.debug('no mDNS on an interface', { interface: address.interfaceName, error })
      }
    }
    return true
  }

  query(): void {
    for (const instance of this.#instances.values()) instance.query()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instance) => instance.close(true)))
    this.#instances.clear()
  }

  #open({ family, address, interfaceName }: InterfaceAddress): Instance {
    const { announcement, clock, log, onSighting, onGoodbye } = this.#options
    const fail = (error: Error): void => log.debug('mDNS failed on an interface', { interface: interfaceName, error })
    const scope = `::%${interfaceName}`
    // A socket bound to the interface's own IPv4 address would not receive multicast packets.
    const socketOptions = family === 'IPv4' ? { interface: address, bind: '0.0.0.0' } : { type: 'udp6', ip: 'ff02::fb', interface: scope }
    const bonjour = new Bonjour(socketOptions, fail)
    const socket = (bonjour as unknown as { server: { mdns: MdnsSocket } }).server.mdns
    socket.on('error', fail)
    // Other programs may send malformed packets.
    socket.on('warning', () => {})
    socket.on('response', (response, from) => {
      for (const sighting of readMdnsResponse(response)) {
        if (sighting.type === 'goodbye') onGoodbye(sighting.nodeId, from.address)
        else onSighting({ announcement: sighting.announcement, host: from.address, source: 'mdns' })
      }
    })
    if (announcement) {
      const { nodeId, peerPort } = announcement
      bonjour.publish({
        name: nodeId,
        host: `${nodeId}.local`,
        type: SERVICE_TYPE,
        port: peerPort,
        txt: formatTxt(announcement),
        probe: false,
      })
    }
    const browser = bonjour.find({ type: SERVICE_TYPE })
    return {
      query: () => browser.update(),
      close: async (hasGoodbye) => {
        if (hasGoodbye)
          await Promise.race([new Promise<void>((resolve) => bonjour.unpublishAll(() => resolve())), clock.sleep(GOODBYE_LIMIT_MS)])
        bonjour.destroy()
      },
    }
  }
}

const keyOf = ({ interfaceName, address }: InterfaceAddress): string => `${interfaceName} ${address}`
