import { createSocket, type Socket } from 'node:dgram'
import type { Log } from '../../platform/log/log.ts'
import { errorMessage } from '../../shared/app-error.ts'
import { BEACON_PORT, formatBeacon, parseBeacon } from './beacon-packet.ts'
import { broadcastAddress, type InterfaceAddress } from './network-interface.ts'
import type { PeerAnnouncement } from './peer-announcement.ts'
import type { PeerSighting } from './peer-observation.ts'

/** All nodes of a link, because IPv6 has no broadcast. */
const ALL_NODES = 'ff02::1'

export interface BeaconOptions {
  /** null: only listen and send requests. */
  readonly announcement: PeerAnnouncement | null
  readonly log: Pick<Log, 'debug' | 'warn'>
  onSighting(sighting: PeerSighting): void
  /** A peer requests announcements. */
  onAsked(): void
}

export interface Beacon {
  /** Sends the announcement, or a request, on all these networks. */
  send(addresses: readonly InterfaceAddress[]): void
  close(): void
}

/**
 * Discovery for networks that block multicast: a packet to the broadcast address of every subnet (255.255.255.255 would
 * use a single interface), and to all nodes of every IPv6 link.
 *
 * All nodes of a machine share the port. Each of them receives a broadcast, but only one would receive a packet sent to
 * its address, so no request is ever answered directly.
 */
export async function startBeacon({ announcement, log, onSighting, onAsked }: BeaconOptions): Promise<Beacon> {
  const packet = formatBeacon(announcement)
  const open = async (type: 'udp4' | 'udp6'): Promise<Socket | null> => {
    try {
      const socket = await bindShared(type)
      socket.on('error', (error) => log.debug('beacon socket failed', { error }))
      socket.on('message', (bytes, { address }) => {
        const beacon = parseBeacon(bytes)
        if (beacon?.type === 'ask') onAsked()
        else if (beacon) onSighting({ announcement: beacon, host: address, source: 'broadcast' })
      })
      return socket
    } catch (error) {
      log.warn('discovery by broadcast is off', { family: type, error })
      return null
    }
  }
  const [socket4, socket6] = await Promise.all([open('udp4'), open('udp6')])
  const sendTo = (socket: Socket | null, host: string): void => {
    // The interface may have gone, or the network may forbid broadcasts. The other ones are not affected.
    socket?.send(packet, BEACON_PORT, host, (error) => {
      if (error) log.debug('beacon not sent', { host, reason: errorMessage(error) })
    })
  }
  return {
    send: (addresses) => {
      for (const host of new Set(addresses.flatMap((address) => broadcastAddress(address) ?? []))) sendTo(socket4, host)
      const linkLocal = addresses.filter(({ family, address }) => family === 'IPv6' && address.startsWith('fe80:'))
      for (const interfaceName of new Set(linkLocal.map((address) => address.interfaceName)))
        sendTo(socket6, `${ALL_NODES}%${interfaceName}`)
    },
    close: () => {
      socket4?.close()
      socket6?.close()
    },
  }
}

function bindShared(type: 'udp4' | 'udp6'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type, reuseAddr: true, ipv6Only: type === 'udp6' })
    socket.once('error', reject)
    socket.bind(BEACON_PORT, () => {
      socket.off('error', reject)
      if (type === 'udp4') socket.setBroadcast(true)
      resolve(socket)
    })
  })
}
