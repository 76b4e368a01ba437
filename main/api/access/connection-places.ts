import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Connections beyond the places. They are accepted only to ask whether the node is well, or to be refused with the reason. */
const MOST_SURPLUS = 4
const SURPLUS_MS = 2_000
/** The other half of the spare descriptors is for workers, links and files. */
const PLACES_OF_SPARE = 0.5
const FEWEST_PLACES = 4
const MOST_PLACES = 4_096

/** How many connections a process may take that may still open so many files. */
export function placesFor(spareDescriptors: number): number {
  return Math.max(FEWEST_PLACES, Math.min(MOST_PLACES, Math.floor(spareDescriptors * PLACES_OF_SPARE)))
}

/**
 * Bounds the open connections of a server, because nothing works in a process that has no descriptor left. A new connection takes the
 * place of the one that has been idle for longest. If all are in use, it is surplus.
 */
export class ConnectionPlaces {
  /** The number of running requests, in the order in which the connections became idle. */
  readonly #running = new Map<Duplex, number>()
  readonly #surplus = new Set<Duplex>()
  readonly #places: number

  constructor(server: Server, places: number) {
    this.#places = places
    server.on('connection', (socket) => this.#take(socket))
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request
      this.#count(socket, 1)
      response.once('close', () => this.#count(socket, -1))
    })
    server.on('upgrade', (_request, socket) => this.#count(socket, 1))
  }

  isSurplus(socket: Duplex): boolean {
    return this.#surplus.has(socket)
  }

  #take(socket: Socket): void {
    if (this.#running.size >= this.#places && !this.#endIdle()) return this.#takeSurplus(socket)
    this.#running.set(socket, 0)
    socket.once('close', () => this.#running.delete(socket))
  }

  #endIdle(): boolean {
    for (const [socket, running] of this.#running) {
      if (running > 0) continue
      this.#running.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }

  #takeSurplus(socket: Socket): void {
    if (this.#surplus.size >= MOST_SURPLUS) return void socket.destroy()
    this.#surplus.add(socket)
    socket.once('close', () => this.#surplus.delete(socket))
    socket.setTimeout(SURPLUS_MS, () => socket.destroy())
  }

  #count(socket: Duplex, change: number): void {
    const running = this.#running.get(socket)
    if (running === undefined) return
    this.#running.delete(socket)
    this.#running.set(socket, running + change)
  }
}
