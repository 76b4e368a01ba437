import { SlowGuesses } from '../../domain/admission/slow-guesses.ts'
import { sayableName } from '../../domain/admission/waiting-newcomers.ts'
import type { NodeId } from '../../shared/ids.ts'
import type { AdmissionMode } from '../../shared/wire/cluster-record.ts'
import { keepLatest } from '../../shared/keep-latest.ts'
import type { PeerAddress } from './dial-targets.ts'
import type { Greeting, RefusalCode } from './link-frame.ts'
import type { LinksOptions } from './links.ts'
import { describeRefusal, type RefusalListener, RefusedPeers, type RefusedPeer } from './refused-peers.ts'

const MOST_KNOWN = 1024

/** Slows those who guess the key, records refused nodes, tells listeners, and logs: one line a minute for each address that guesses keys, however many identities it makes up. */
export class RefusalLog {
  readonly #refused = new RefusedPeers()
  readonly #guesses = new SlowGuesses()
  /** Nodes that have proven the key: who guesses at their address does not hold them up. */
  readonly #known = new Set<NodeId>()
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

  /** What is said to a proof of the key. One that comes too early after wrong ones from its address is not looked at, and answered as a wrong one is. */
  judge(nodeId: NodeId, host: string, judgeProof: () => RefusalCode | null): RefusalCode | null {
    const { admission, clock } = this.#options
    if (admission !== 'key' || this.#known.has(nodeId)) return judgeProof()
    if (this.#guesses.waitMs(host, clock.now()) > 0) return 'key-wrong'
    const code = judgeProof()
    if (code === 'key-wrong') this.#guesses.missed(host, clock.now())
    return code
  }

  list(): RefusedPeer[] {
    return this.#refused.list(this.#options.clock.epochMs())
  }

  note(nodeId: NodeId, address: PeerAddress, code: RefusalCode, greeting: Greeting): void {
    if (code === 'duplicate' || code === 'self') return
    const { admission, log, clock } = this.#options
    const { host, port } = address
    const { clusterName, totalBytes } = greeting
    const nodeName = sayableName(greeting.nodeName)
    const hasKey = greeting.type === 'hello' ? greeting.keyProof !== null : greeting.needsKey
    const theirs = greeting.admission ?? (hasKey ? 'key' : 'open')
    const reason = describeRefusal(code, clusterName, admission, theirs)
    const isGuess = code === 'key-wrong' && admission === 'key' && theirs === 'key'
    const isNews = (isGuess || code === 'identity-in-use') && !this.list().some((peer) => peer.code === code && peer.address.startsWith(`${host}:`))
    log[isNews ? 'warn' : 'debug']('peer refused', { nodeId, name: nodeName, address: host, reason })
    this.#refused.add({ nodeId, nodeName, totalBytes, address: `${host}:${port}`, clusterName, needsKey: theirs === 'key', code, reason, seenAtMs: clock.epochMs() })
    for (const listener of this.#listeners) listener(nodeId, address, code)
  }
}
