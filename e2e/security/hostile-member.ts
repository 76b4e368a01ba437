import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openIdentity } from '../../main/cluster/identity/open-identity.ts'
import { createLinks } from '../../main/cluster/link/create-links.ts'
import type { Links } from '../../main/cluster/link/links.ts'
import { aNode } from '../../main/domain/cluster/__fixtures__/builders.ts'
import { termOf } from '../../main/domain/election/election-term.ts'
import { systemClock } from '../../main/platform/clock.ts'
import { createLog } from '../../main/platform/log/log.ts'
import { systemRandom } from '../../main/platform/random.ts'
import type { NodeId } from '../../main/shared/ids.ts'

/** Any message that a test constructs. */
type Words = Record<string, unknown> & { readonly type: string }

const JOIN_LIMIT_MS = 15_000
const ASK_LIMIT_MS = 10_000

/** A peer that speaks the link protocol but sends messages that no node would send. */
export class HostileMember {
  readonly links: Links<Words>
  /** The newest received message of each type. */
  readonly heard = new Map<string, Words>()
  /** The reasons why links ended. */
  readonly ends: string[] = []
  victim: NodeId | null = null
  readonly #port: number

  private constructor(links: Links<Words>, port: number) {
    this.links = links
    this.#port = port
    links.onPeer(({ nodeId }) => (this.victim = nodeId))
    links.onPeerLost((_, { code }) => this.ends.push(code))
    links.onMessage((_, message) => this.heard.set(message.type, message))
  }

  /** @param clusterKey - null: without a key */
  static async create(options: {
    readonly dataDir: string
    readonly port: number
    readonly clusterName: string
    readonly clusterKey: string | null
  }): Promise<HostileMember> {
    const log = createLog({ level: 'silent', format: 'json', write: () => undefined })
    const identity = await openIdentity(options.dataDir, { log, random: systemRandom })
    const { clusterName, clusterKey } = options
    const schema = z.looseObject({ type: z.string() }) as z.ZodType<Words>
    const links = createLinks<Words>({
      identity,
      nodeName: 'hostile',
      totalBytes: 2 ** 40,
      clusterName,
      clusterKey,
      listen: { host: '127.0.0.1', port: 0 },
      schema,
      clock: systemClock,
      random: systemRandom,
      log,
    })
    await links.listen()
    return new HostileMember(links, options.port)
  }

  /** Links with the node and waits until it announces its leader. */
  async join(): Promise<void> {
    this.links.dial({ nodeId: null, host: '127.0.0.1', port: this.#port, isStatic: true, delayMs: 0 })
    const limitMs = performance.now() + JOIN_LIMIT_MS
    while (this.links.peers().length === 0 || !this.heard.has('cluster-events')) {
      if (performance.now() > limitMs) throw new Error(`no link: ${JSON.stringify(this.links.refused())}`)
      await sleep(50)
    }
  }

  get nodeId(): NodeId {
    return this.links.nodeId
  }

  /** The term in which the victim leads. */
  get term(): number {
    return Number(this.heard.get('cluster-events')?.['term'])
  }

  /** A term of this peer, this many rounds above the victim's. */
  termAbove(rounds: number): number {
    return termOf(Math.floor(this.term / 2 ** 24) + rounds, this.nodeId)
  }

  say(message: Words): void {
    if (this.victim) this.links.send(this.victim, message)
  }

  /** Reports itself as a node with these models. */
  report(): void {
    const node = aNode(this.nodeId, { name: 'hostile', totalBytes: 2 ** 40, addresses: ['127.0.0.1'] })
    this.say({ type: 'node-report', report: { node, links: [], shards: [], storedModels: [] } })
    this.say({
      type: 'node-sample',
      sample: { nodeId: this.nodeId, epochMs: Date.now(), availableBytes: 2 ** 39, rates: [], downloads: [] },
    })
  }

  offer(instances: object): void {
    this.say({
      type: 'state-offer',
      term: this.term,
      snapshot: { position: { term: 1, index: 1 }, state: { nodes: {}, links: {}, instances, storedModels: {}, deletedInstances: [] } },
    })
  }

  /** Opens a stream to the victim. @returns the text of its answer, or the code of its refusal */
  async ask(kind: string, header: unknown): Promise<{ readonly code: string } | { readonly text: string }> {
    if (!this.victim) throw new Error('it is not linked')
    const stream = this.links.openStream(this.victim, kind, header, AbortSignal.timeout(ASK_LIMIT_MS))
    const chunks: Uint8Array[] = []
    try {
      await stream.end()
      for (let chunk = await stream.receive(); chunk !== null; chunk = await stream.receive()) chunks.push(chunk)
      return { text: Buffer.concat(chunks).toString('utf8') }
    } catch (error) {
      return { code: (error as { code?: string }).code ?? String(error) }
    }
  }

  close(): Promise<void> {
    return this.links.close()
  }
}
