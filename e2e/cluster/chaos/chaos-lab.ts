import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Question, type StreamedAnswer } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import { Cluster, whenAll, whenFormed } from '../lab/cluster.ts'
import { place, type PlacedInstance, remove } from '../lab/instances.ts'
import { ChaosDraw } from './chaos-draw.ts'
import { type Reference, clusterReferenceAnswers } from '../lab/reference.ts'

const HOSTS = [1, 2, 3, 4]
/** A host on which only the cases start programs. */
const SPARE_HOST = 5
const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0.8, seed: 42, maxTokens: 64 }
const LONG_QUESTION: Question = {
  ...QUESTION,
  prompt: `${'The machine room was quiet, and the fans turned slowly in the dark. '.repeat(90)}${QUESTION.prompt}`,
}
/** Between these parts, the answer is well under way. */
const BREAK_AT_PARTS = [3, 24] as const

/** Four machines with a model on two of them, and the reference answers of a single machine. */
export class ChaosLab {
  readonly cluster: Cluster
  readonly reference: Reference
  readonly #nodes = new Map<number, ClusterNode>()
  #instance: PlacedInstance | null = null
  /** The choices of the current run. */
  draw = new ChaosDraw('none')

  private constructor(cluster: Cluster, reference: Reference) {
    this.cluster = cluster
    this.reference = reference
  }

  /** @param asksLong - whether cases also ask the long question */
  static async create(asksLong: boolean): Promise<ChaosLab> {
    const cluster = await Cluster.create(SPARE_HOST)
    return new ChaosLab(cluster, await clusterReferenceAnswers(cluster, HOSTS, asksLong ? [QUESTION, LONG_QUESTION] : [QUESTION]))
  }

  get nodes(): ClusterNode[] {
    return [...this.#nodes.values()]
  }

  /** The node that holds a rank. */
  rank(rank: number): ClusterNode {
    const nodeId = this.#instance?.shards[rank]?.nodeId
    return this.nodes.find((node) => node.nodeId === nodeId) ?? fail(`no node holds rank ${rank}`)
  }

  /** One of the nodes that hold no rank. */
  bystander(): ClusterNode {
    const holders: readonly string[] = this.#instance?.shards.map(({ nodeId }) => nodeId) ?? []
    return this.#one(
      'asks',
      this.nodes.filter(({ nodeId }) => !holders.includes(nodeId)),
    )
  }

  /** Any node but this one. */
  anyBut({ nodeId }: ClusterNode): ClusterNode {
    return this.#one(
      'fails',
      this.nodes.filter((node) => node.nodeId !== nodeId),
    )
  }

  #one(what: string, nodes: readonly ClusterNode[]): ClusterNode {
    return this.draw.one(
      what,
      nodes.toSorted((a, b) => a.host - b.host),
      ({ host }) => `host ${host}`,
    )
  }

  /** Waits for a time that is drawn. */
  async sleepFor(leastMs: number, mostMs: number): Promise<void> {
    await sleep(this.draw.between('for ms', leastMs, mostMs))
  }

  /** Ends every fault, starts the nodes that are missing, and waits until the cluster and the instance are ready. */
  async restore(draw: ChaosDraw): Promise<void> {
    this.draw = draw
    await this.cluster.lab.heal()
    await this.cluster.lab.dropLarge(null)
    await this.cluster.lab.kill(SPARE_HOST)
    for (const { host } of this.nodes) await this.cluster.lab.lose(host, 0)
    const missing = HOSTS.filter((host) => !this.#nodes.has(host))
    for (const node of await this.cluster.startAll(missing, { arguments: ['--no-default-model', '--log-level', 'info'] }))
      this.#nodes.set(node.host, node)
    await whenFormed(this.nodes, 60_000)
    await this.#placeOnTwo()
  }

  async #placeOnTwo(): Promise<void> {
    const first = this.nodes[0] ?? fail('no node runs')
    const standing = Object.entries((await first.state()).instances)
    const [whole] = standing.filter(([, { status, shards }]) => status === 'ready' && shards.length === 2)
    for (const [id] of standing) if (id !== whole?.[0]) await remove(first, id)
    this.#instance = whole
      ? { instanceId: whole[0], ...whole[1] }
      : await place(first, this.reference.model, { sharding: 'pipeline', min_nodes: 2 })
  }

  async unload(): Promise<void> {
    if (this.#instance) await remove(this.nodes[0] ?? fail('no node runs'), this.#instance.instanceId)
  }

  /** Kills every process of the machine at once. */
  async killHost({ host }: ClusterNode): Promise<void> {
    this.#nodes.get(host)?.forget()
    this.#nodes.delete(host)
    await this.cluster.lab.kill(host)
  }

  /** Asks a node and injects a fault while the answer is under way. */
  async answer(asked: ClusterNode, breakIt: () => unknown): Promise<StreamedAnswer> {
    let broken: Promise<unknown> = Promise.resolve()
    const breakAtPart = this.draw.between('at part', ...BREAK_AT_PARTS)
    const answer = await ask(asked.apiUrl, this.reference.model, QUESTION, (count) => {
      if (count === breakAtPart) broken = Promise.resolve(breakIt())
    })
    await broken
    return answer
  }

  /** Asks without a fault. */
  ask(asked: ClusterNode): Promise<StreamedAnswer> {
    return ask(asked.apiUrl, this.reference.model, QUESTION)
  }

  /** Asks with a prompt that takes seconds to read, and injects a fault during that time. */
  async answerLong(asked: ClusterNode, afterMs: number, breakIt: () => unknown): Promise<StreamedAnswer> {
    const answer = ask(asked.apiUrl, this.reference.model, LONG_QUESTION)
    await sleep(afterMs)
    await breakIt()
    return answer
  }

  /** Asks with the long prompt and disconnects before the answer. */
  async hangUp(asked: ClusterNode, afterMs: number): Promise<void> {
    const body = JSON.stringify({ model: this.reference.model, prompt: LONG_QUESTION.prompt, max_tokens: 8, stream: true })
    const gone = fetch(`${asked.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(afterMs),
    })
    await gone
      .then((response) => response.text())
      .then(
        () => fail('the answer came before the client went'),
        (error: Error) => (error.name === 'TimeoutError' ? undefined : Promise.reject(error)),
      )
  }

  /** Starts another machine with the identity of this one. @returns a function that reads its output */
  async startClone({ dataDir }: ClusterNode): Promise<() => string> {
    const folder = join(this.cluster.lab.dataDir(SPARE_HOST), 'node')
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await cp(join(dataDir, 'identity.pem'), join(folder, 'identity.pem'))
    const clone = await this.cluster.start(SPARE_HOST, { arguments: ['--no-default-model', '--log-level', 'info'] })
    return () => clone.output()
  }

  /** Waits until all nodes agree on one leader and one instance. */
  async whenOne(): Promise<void> {
    await whenFormed(this.nodes, 60_000)
    await whenAll(
      this.nodes,
      'one instance on all',
      (views) =>
        new Set(
          views.map(({ instances }) =>
            Object.entries(instances)
              .map(([id, { epoch, status }]) => `${id} ${epoch} ${status}`)
              .join(),
          ),
        ).size === 1,
      60_000,
    )
  }

  isSame(answer: StreamedAnswer): boolean {
    return this.reference.answers.some(({ text }) => text === answer.text)
  }

  async close(): Promise<void> {
    await this.cluster.close()
  }
}

function fail(message: string): never {
  throw new Error(message)
}
