import type { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import { diffJson } from '../../shared/formats/json-patch.ts'
import type { StateEvent } from '../../shared/wire/api/state-event.ts'
import type { ClusterPort, MembershipPort } from '../api-dependencies.ts'
import type { ChatBook } from '../chats/chat-book.ts'

/** Changes within this time are sent together. */
const GATHER_MS = 100
/** Values such as free memory change without an event. */
const LOOK_MS = 1000
const PING_MS = 30_000
/** A client with more unsent data than this gets no patches, but a new snapshot once it has caught up. */
const BEHIND_BYTES = 2 ** 20

interface Client {
  readonly socket: WebSocket
  readonly hearsOfChats: boolean
  isBehind: boolean
  isAlive: boolean
}

const serialize = (event: StateEvent): string => JSON.stringify(event)

export interface StateFeedSources {
  readonly cluster: Pick<ClusterPort, 'state' | 'onState'>
  readonly membership: Pick<MembershipPort, 'view' | 'onChange'>
  readonly chats: Pick<ChatBook, 'revision' | 'onChange'>
  readonly timers: Pick<Clock, 'sleep' | 'every'>
}

/** Sends the state of the cluster to its clients. It does no work while there are none. */
export class StateFeed {
  private readonly cluster: Pick<ClusterPort, 'state' | 'onState'>
  private readonly membership: Pick<MembershipPort, 'view' | 'onChange'>
  private readonly chats: Pick<ChatBook, 'revision' | 'onChange'>
  private readonly timers: Pick<Clock, 'sleep' | 'every'>
  private readonly clients = new Set<Client>()
  private sent: ClusterView | null = null
  private sentMembership = ''
  private sentChats = ''
  private running: AbortController | null = null
  private isGathering = false

  constructor({ cluster, membership, chats, timers }: StateFeedSources) {
    this.cluster = cluster
    this.membership = membership
    this.chats = chats
    this.timers = timers
  }

  get size(): number {
    return this.clients.size
  }

  /** @param hearsOfChats - also told when the chats change; pages of earlier versions do not know that event */
  add(socket: WebSocket, hearsOfChats: boolean): void {
    const client: Client = { socket, hearsOfChats, isBehind: false, isAlive: true }
    if (this.running === null) this.start()
    else this.publish()
    this.clients.add(client)
    socket.on('pong', () => (client.isAlive = true))
    socket.on('error', () => socket.terminate()) // 'close' follows
    socket.on('close', () => {
      this.clients.delete(client)
      if (this.clients.size === 0) this.stop()
    })
    this.snapshot(client)
  }

  close(): void {
    for (const { socket } of this.clients) socket.terminate()
    this.clients.clear()
    this.stop()
  }

  private start(): void {
    const running = new AbortController()
    this.running = running
    this.sent = structuredClone(this.cluster.state())
    this.sentMembership = this.lookAtMembership()
    this.sentChats = this.lookAtChats()
    this.cluster.onState(() => this.gather(running.signal), running.signal)
    this.membership.onChange(() => this.gather(running.signal), running.signal)
    this.chats.onChange(() => this.gather(running.signal), running.signal)
    this.timers.every(LOOK_MS, () => this.publish(), running.signal)
    this.timers.every(PING_MS, () => this.ping(), running.signal)
  }

  private stop(): void {
    this.running?.abort()
    this.running = null
    this.isGathering = false
  }

  private gather(signal: AbortSignal): void {
    if (this.isGathering) return
    this.isGathering = true
    this.timers.sleep(GATHER_MS, signal).then(
      () => {
        this.isGathering = false
        this.publish()
      },
      () => undefined, // the last client has left
    )
  }

  private publish(): void {
    const state = structuredClone(this.cluster.state())
    const operations = diffJson(this.sent, state)
    this.sent = state
    const patch = operations.length > 0 ? serialize({ type: 'patch', operations }) : null
    const membership = this.lookAtMembership()
    const isMembershipNew = membership !== this.sentMembership
    this.sentMembership = membership
    const chats = this.lookAtChats()
    const areChatsNew = chats !== this.sentChats
    this.sentChats = chats
    for (const client of this.clients) {
      const isFull = client.socket.bufferedAmount > BEHIND_BYTES
      if (client.isBehind && !isFull) this.snapshot(client)
      else if (isFull) client.isBehind = true
      else {
        if (patch !== null) client.socket.send(patch)
        if (isMembershipNew) client.socket.send(membership)
        if (areChatsNew && client.hearsOfChats) client.socket.send(chats)
      }
    }
  }

  private lookAtMembership(): string {
    return serialize({ type: 'membership', membership: this.membership.view() })
  }

  private lookAtChats(): string {
    return serialize({ type: 'chats', revision: this.chats.revision })
  }

  private snapshot(client: Client): void {
    client.isBehind = false
    if (!this.sent) return
    client.socket.send(serialize({ type: 'snapshot', state: this.sent }))
    client.socket.send(this.sentMembership)
    if (client.hearsOfChats) client.socket.send(this.sentChats)
  }

  private ping(): void {
    for (const client of this.clients) {
      if (!client.isAlive) client.socket.terminate()
      client.isAlive = false
      client.socket.ping()
    }
  }
}
