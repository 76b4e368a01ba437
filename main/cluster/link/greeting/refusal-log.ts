import { SlowGuesses } from '../../../domain/admission/slow-guesses.ts'
import { sayableName } from '../../../domain/admission/waiting-newcomers.ts'
import type { NodeId } from '../../../shared/ids.ts'
import type { AdmissionMode } from '../../../shared/wire/peer/cluster-record.ts'
import { errorCode } from '../../../shared/app-error.ts'
import { keepLatest } from '../../../shared/keep-latest.ts'
import type { PeerAddress } from '../dialing/dial-targets.ts'
import { saysKey, type Hello, type Refusal, type RefusalCode } from './link-frame.ts'
import type { LinksOptions } from '../links.ts'
import { describeRefusal, type RefusalListener, RefusedPeers, type RefusedPeer } from './refused-peers.ts'

const MOST_KNOWN = 1024
/** Maximum number of proofs offered at a time to nodes of one address that have not proven the key themselves. */
const MOST_OFFERS = 8
/** The dial was ended by this node itself, so the other end has not made a guess. */
const OWN_ENDS: readonly string[] = ['dial-superseded', 'links-closed']

/**
 * Slows down key guessing, records refused nodes, notifies listeners, and logs one line per minute for each address
 * that guesses keys, no matter how many identities it makes up.
 */
export class RefusalLog {
  readonly #refused = new RefusedPeers()
  readonly #guesses = new SlowGuesses()
  /** Nodes that have proven the key: guesses from their address do not slow them down. */
  readonly #known = new Set<NodeId>()
  readonly #offers = new Map<string, number>()
  readonly #options: Pick<LinksOptions<unknown>, 'clock' | 'log'> & { readonly admission: AdmissionMode }
  readonly #listeners: RefusalListener[] = []

  constructor(options: Pick<LinksOptions<unknown>, 'clock' | 'log'> & { readonly admission: AdmissionMode }) {
    this.#options = options
  }

  onRefused(listener: RefusalListener): void {
    this.#listeners.push(listener)
  }

  /** The node is linked. */
  linked(nodeId: NodeId): void {
    this.#refused.remove(nodeId)
    this.#known.delete(nodeId)
    this.#known.add(nodeId)
    keepLatest(this.#known, MOST_KNOWN)
  }

  /**
   * The answer to a proof of the key. A proof sent too soon after wrong ones from the same address is not checked and
   * is answered like a wrong one.
   */
  judge(nodeId: NodeId, host: string, judgeProof: () => RefusalCode | null): RefusalCode | null {
    const { admission, clock } = this.#options
    if (admission !== 'key' || this.#known.has(nodeId)) return judgeProof()
    if (this.isSlowed(nodeId, host)) return 'key-wrong'
    const code = judgeProof()
    if (code === 'key-wrong') this.#guesses.missed(host, clock.now())
    return code
  }

  /** Whether proofs of this node are not checked because of too many recent guesses from its address. */
  isSlowed(nodeId: NodeId, host: string): boolean {
    return !this.#known.has(nodeId) && this.#guesses.waitMs(host, this.#options.clock.now()) > 0
  }

  /** Sends a proof to a node that has not sent one: this grants it one guess, unless it proves itself in return. */
  async offer<Outcome extends { readonly isProven: boolean }>(
    nodeId: NodeId,
    host: string,
    exchange: () => Promise<Outcome>,
  ): Promise<Outcome | 'slowed'> {
    if (this.#known.has(nodeId)) return exchange()
    const offers = this.#offers.get(host) ?? 0
    if (this.isSlowed(nodeId, host) || offers >= MOST_OFFERS) return 'slowed'
    this.#offers.set(host, offers + 1)
    let isProven = false
    try {
      const outcome = await exchange()
      isProven = outcome.isProven
      return outcome
    } catch (error) {
      isProven = OWN_ENDS.includes(errorCode(error))
      throw error
    } finally {
      const left = (this.#offers.get(host) ?? 1) - 1
      if (left > 0) this.#offers.set(host, left)
      else this.#offers.delete(host)
      if (!isProven) this.#guesses.missed(host, this.#options.clock.now())
    }
  }

  list(): RefusedPeer[] {
    return this.#refused.list(this.#options.clock.now())
  }

  /** The node answers small packets at this address but not full-size ones, so no link can be established. */
  noteNarrow(nodeId: NodeId, { host, port }: PeerAddress, clusterName: string): void {
    const { log, clock } = this.#options
    const address = `${host}:${port}`
    const isNews = !this.list().some((peer) => peer.nodeId === nodeId && peer.address === address)
    const reason =
      'large packets are lost on the way to it: set the same MTU at both ends and between them, and a ' +
      'smaller one for a VPN, or join the two by another network'
    log[isNews ? 'warn' : 'debug']('no link to a peer', { nodeId, address: host, reason })
    const unsaid = { nodeName: host, totalBytes: 0, clusterName, needsKey: false }
    this.#refused.add({ nodeId, ...unsaid, address, code: 'narrow-path', reason, seenAtMs: clock.epochMs() }, clock.now())
  }

  note(nodeId: NodeId, address: PeerAddress, code: RefusalCode, greeting: Hello | Refusal): void {
    if (code === 'duplicate' || code === 'self') return
    const { admission, log, clock } = this.#options
    const { host, port } = address
    const { clusterName, totalBytes } = greeting
    const nodeName = sayableName(greeting.nodeName)
    const theirs = greeting.admission ?? (saysKey(greeting) ? 'key' : 'open')
    const reason = describeRefusal(code, clusterName, admission, theirs)
    const isGuess = code === 'key-wrong' && admission === 'key' && theirs === 'key'
    const isNews =
      (isGuess || code === 'identity-in-use') && !this.list().some((peer) => peer.code === code && peer.address.startsWith(`${host}:`))
    log[isNews ? 'warn' : 'debug']('peer refused', { nodeId, name: nodeName, address: host, reason })
    const needsKey = theirs === 'key'
    const refused = { nodeId, nodeName, totalBytes, address: `${host}:${port}`, clusterName, needsKey, code, reason }
    this.#refused.add({ ...refused, seenAtMs: clock.epochMs() }, clock.now())
    for (const listener of this.#listeners) listener(nodeId, address, code)
  }
}
