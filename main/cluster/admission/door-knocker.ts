import { withinTime } from '../../platform/waiting/within-time.ts'
import { errorCode } from '../../shared/app-error.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { PeerAddress } from '../link/dialing/dial-targets.ts'
import type { PairingChannel } from '../pairing/pairing-channel.ts'
import { pairingError } from '../pairing/pairing-error.ts'
import type { ClusterAdmissionDependencies } from './admission-dependencies.ts'
import type { KnockPath } from '../pairing/knock-path.ts'
import { KnockRounds } from './knock-rounds.ts'

const TICK_MS = 100
export const EXCHANGE_LIMIT_MS = 10_000

interface DoorKnockerDependencies extends Pick<ClusterAdmissionDependencies, 'links' | 'dial' | 'clock' | 'random' | 'log'> {
  /** The secret of this node's cluster. */
  secret(): string
}

interface Knocking {
  knock(channel: PairingChannel, path: KnockPath, signal: AbortSignal): Promise<void>
  /** A node reports that this one was removed from its cluster. */
  onPutOut(by: NodeId): Promise<void>
}

/** Knocks at reachable nodes that refused a link, each at its time. */
export class DoorKnocker {
  readonly #dependencies: DoorKnockerDependencies
  readonly #knocking: Knocking
  readonly #signal: AbortSignal
  readonly #rounds = new KnockRounds()

  constructor(dependencies: DoorKnockerDependencies, knocking: Knocking, signal: AbortSignal) {
    this.#dependencies = dependencies
    this.#knocking = knocking
    this.#signal = signal
    dependencies.clock.every(TICK_MS, () => this.knock(), signal)
  }

  /** A node is reachable and, as far as links can tell, not a member. @param delayMs - lets the other end knock first */
  seen(nodeId: NodeId, address: PeerAddress, delayMs = 0): void {
    this.#rounds.seen(nodeId, address, this.#dependencies.clock.now(), delayMs)
  }

  /** Something has changed, so the next knock at one node, or at all nodes, is due now. */
  hurry(nodeId?: NodeId): void {
    this.#rounds.hurry(this.#dependencies.clock.now(), nodeId)
  }

  forget(nodeId: NodeId): void {
    this.#rounds.forget(nodeId)
  }

  /** Knocks at all nodes that are due. */
  knock(): void {
    const { clock, links, secret } = this.#dependencies
    const isMember = new Set(links.peers().map(({ nodeId }) => nodeId))
    const before = secret()
    for (const { nodeId, address } of this.#rounds.take(clock.now())) {
      void this.#knockAt(nodeId, address).then((isAnswered) => {
        if (isAnswered && isMember.has(nodeId) && before === secret()) this.#rounds.forget(nodeId)
      })
    }
  }

  async #knockAt(nodeId: NodeId, address: PeerAddress): Promise<boolean> {
    const { clock, random, dial, log } = this.#dependencies
    const exchange = async (signal: AbortSignal): Promise<void> => {
      const { channel, path } = await dial(address, signal)
      try {
        if (path.nodeId === nodeId) await this.#knocking.knock(channel, path, signal)
      } finally {
        channel.close()
      }
    }
    try {
      await withinTime(exchange, EXCHANGE_LIMIT_MS, () => pairingError('timed-out'), clock, this.#signal)
      this.#rounds.knocked(nodeId, 'answered', clock.now(), random.ratio())
      return true
    } catch (error) {
      const code = errorCode(error)
      if (code === 'pairing-put-out') await this.#knocking.onPutOut(nodeId)
      const isRefused = code.startsWith('cluster-key-') || code === 'pairing-declined' || code === 'pairing-no-key'
      this.#rounds.knocked(nodeId, isRefused ? 'refused' : 'failed', clock.now(), random.ratio())
      log.debug('a knock failed', { nodeId, host: address.host, code })
      return false
    }
  }
}
