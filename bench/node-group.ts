import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../main/shared/app-error.ts'
import { freePorts } from '../main/platform/network/free-ports.ts'
import { startBenchNode, type BenchNode } from './start-bench-node.ts'

const FORM_LIMIT_MS = 60_000
const LOAD_LIMIT_MS = 300_000
const POLL_MS = 100

const State = z.object({
  leader: z.unknown(),
  nodes: z.record(z.string(), z.object({ availableBytes: z.number() })),
  links: z.array(z.object({ from: z.string(), to: z.string() })),
})
const Refusal = z.object({ error: z.object({ message: z.string() }) })
const Placed = z.object({ instanceId: z.string() })
const Instance = z.object({
  status: z.string(),
  backend: z.string(),
  reasons: z.array(z.string()).optional(),
  shards: z.array(z.object({ nodeId: z.string() })),
})

/** Several nodes on this machine in one cluster. */
export class NodeGroup {
  readonly nodes: readonly BenchNode[]
  readonly #nodeIds: readonly string[]

  private constructor(nodes: readonly BenchNode[], nodeIds: readonly string[]) {
    this.nodes = nodes
    this.#nodeIds = nodeIds
  }

  /** Resolves when all nodes see one another. */
  static async start(launcher: string, dataDir: string, count: number, flags: readonly string[] = []): Promise<NodeGroup> {
    const ports = await freePorts(count)
    const peers = ports.flatMap((port) => ['--peer', `127.0.0.1:${port}`])
    const nodes: BenchNode[] = []
    try {
      for (const [index, port] of ports.entries())
        nodes.push(
          await startBenchNode(
            launcher,
            join(dataDir, `node-${index + 1}`),
            ['--no-default-model', '--peer-port', String(port), ...peers, ...flags],
            /^API\s/m,
          ),
        )
      const nodeIds = await Promise.all(
        nodes.map(async ({ apiUrl }) => z.object({ nodeId: z.string() }).parse(await get(apiUrl, '/node_id')).nodeId),
      )
      const group = new NodeGroup(nodes, nodeIds)
      await group.#until('one cluster', FORM_LIMIT_MS, async () =>
        (await Promise.all(nodes.map(async ({ apiUrl }) => isWhole(State.parse(await get(apiUrl, '/state')), count)))).every(Boolean),
      )
      return group
    } catch (error) {
      await Promise.all(nodes.map((node) => node.stop()))
      throw error
    }
  }

  /**
   * Places a model on this many nodes and waits until it is ready.
   *
   * @returns the address of its rank 0's API
   * @throws AppError `placement-refused` with the node's message
   */
  async place(
    model: string,
    sharding: 'pipeline' | 'tensor',
    nodeCount: number,
  ): Promise<{ readonly apiUrl: string; remove(): Promise<void> }> {
    const { apiUrl } = this.nodes[0]!
    const response = await fetch(`${apiUrl}/place_instance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model_id: model, sharding, min_nodes: nodeCount }),
    })
    if (!response.ok) throw new AppError('placement-refused', Refusal.parse(await response.json()).error.message)
    const { instanceId } = Placed.parse(await response.json())
    let instance: z.infer<typeof Instance> | null = null
    await this.#until('a ready instance', LOAD_LIMIT_MS, async () => {
      instance = Instance.parse(await get(apiUrl, `/instance/${instanceId}`))
      if (instance.status === 'failed') throw new AppError('placement-refused', instance.reasons?.join(' ') ?? 'The instance failed.')
      return instance.status === 'ready'
    })
    const rankZero = this.nodes[this.#nodeIds.indexOf((instance as z.infer<typeof Instance> | null)?.shards[0]?.nodeId ?? '')]
    return {
      apiUrl: rankZero?.apiUrl ?? apiUrl,
      remove: async () => void (await fetch(`${apiUrl}/instance/${instanceId}`, { method: 'DELETE' })),
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  async #until(what: string, limitMs: number, check: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + limitMs
    while (!(await check())) {
      if (performance.now() > deadlineMs)
        throw new AppError('nodes-not-ready', `The benchmark's nodes are not ${what} after ${limitMs / 1000} s.`)
      await sleep(POLL_MS)
    }
  }
}

async function get(apiUrl: string, path: string): Promise<unknown> {
  const response = await fetch(`${apiUrl}${path}`)
  if (!response.ok) throw new AppError('run-failed', `The node answered ${response.status} to ${path}: ${await response.text()}`)
  return response.json()
}

/** Whether every node has reported its memory and its links, on which placement depends. */
function isWhole({ leader, nodes, links }: z.infer<typeof State>, count: number): boolean {
  const all = Object.values(nodes)
  return (
    leader !== null &&
    all.length === count &&
    all.every(({ availableBytes }) => availableBytes > 0) &&
    new Set(links.map(({ from, to }) => `${from} ${to}`)).size === count * (count - 1)
  )
}
