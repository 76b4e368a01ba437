import type { WebSocket } from 'ws'
import type { Random } from '../../../platform/random.ts'
import type { NodeId } from '../../../shared/ids.ts'
import type { FrameReader } from '../streams/frame-reader.ts'
import type { ProvenPeer } from '../sockets/secure-socket.ts'
import type { GreetingIdentity } from './greeting.ts'
import type { LinkConversation } from './link-conversation.ts'
import type { RefusalLog } from './refusal-log.ts'

export interface OwnGreetingDependencies {
  readonly nodeId: NodeId
  readonly refusals: RefusalLog
  readonly random: Pick<Random, 'bytes'>
}

/** This node's own part of a greeting. It is set when the node starts to listen and gets a new key when that changes. */
export class OwnGreeting {
  readonly #deps: OwnGreetingDependencies
  #identity: GreetingIdentity | null = null

  constructor(dependencies: OwnGreetingDependencies) {
    this.#deps = dependencies
  }

  set(identity: GreetingIdentity): void {
    this.#identity = identity
  }

  rekey(derivedKey: Buffer): void {
    if (this.#identity) this.#identity = { ...this.#identity, membership: { ...this.#identity.membership, derivedKey } }
  }

  get bootId(): string | undefined {
    return this.#identity?.bootId
  }

  conversation(webSocket: WebSocket, frames: FrameReader, peer: ProvenPeer, host: string): LinkConversation {
    const { nodeId, refusals, random } = this.#deps
    return { webSocket, frames, peer, host, selfId: nodeId, refusals, random, greeting: () => this.#identity! }
  }
}
