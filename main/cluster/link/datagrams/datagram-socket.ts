import type { Log } from '../../../platform/log/log.ts'
import { errorMessage } from '../../../shared/app-error.ts'
import { bindDatagrams } from './bind-datagrams.ts'
import { linkTagOf, type SealKey } from './datagram-seal.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'

export type DatagramListener = (datagram: Buffer, from: PeerAddress) => void

/** The UDP port with the number of the node's TCP port, shared by its links. If it is not available, links work without it. */
export interface DatagramSocket {
  send(datagram: Buffer, to: PeerAddress): void
  /** @param key - for heartbeats while this node's loop is blocked, if the socket supports that */
  listen(linkTag: string, listener: DatagramListener, key: SealKey): void
  forget(linkTag: string): void
  /** Resolves when the port is free again. */
  close(): Promise<void>
}

/** Opens the socket in the node's own thread. */
export async function openDatagramSocket(
  listen: { host: string | null; port: number },
  log: Pick<Log, 'trace' | 'debug' | 'warn'>,
): Promise<DatagramSocket> {
  const listeners = new Map<string, DatagramListener>()
  const socket = await bindDatagrams(
    listen.host,
    listen.port,
    (datagram, from) => {
      const tag = linkTagOf(datagram)
      if (tag !== null) listeners.get(tag)?.(datagram, from)
    },
    (error) => log.debug('heartbeat socket failed', { error }),
  ).catch((error: unknown) => {
    log.warn('no UDP port for heartbeats: links over bad networks may break more often', { port: listen.port, error })
    return null
  })
  return {
    // Losses are accepted: the content of a datagram is sent repeatedly.
    send: (datagram, to) =>
      socket?.send(datagram, to, (error) => log.trace('a datagram could not be sent', { host: to.host, reason: errorMessage(error) })),
    listen: (linkTag, listener) => void listeners.set(linkTag, listener),
    forget: (linkTag) => void listeners.delete(linkTag),
    close: () => new Promise((resolve) => (socket ? socket.close(resolve) : resolve())),
  }
}
