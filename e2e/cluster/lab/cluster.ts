import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterView } from '../../../main/shared/cluster-view.ts'
import { NetworkLab } from '../../harness/network-lab.ts'
import { type ClusterNode, type ClusterNodeOptions, startClusterNode } from './cluster-node.ts'

/** Machines in network namespaces and the nodes on them. */
export class Cluster {
  readonly lab: NetworkLab
  readonly #nodes: ClusterNode[] = []

  private constructor(lab: NetworkLab) {
    this.lab = lab
  }

  static async create(hostCount: number): Promise<Cluster> {
    return new Cluster(await NetworkLab.create(hostCount))
  }

  async start(host: number, options: ClusterNodeOptions = {}): Promise<ClusterNode> {
    const node = await startClusterNode(this.lab, host, options)
    this.#nodes.push(node)
    return node
  }

  /** Starts one node on each host, all at the same time. */
  startAll(hosts: readonly number[], options: ClusterNodeOptions = {}): Promise<ClusterNode[]> {
    return Promise.all(hosts.map((host) => this.start(host, options)))
  }

  /** Copies one host's models to the others. */
  async copyModels(from: ClusterNode, hosts: readonly number[]): Promise<void> {
    for (const host of hosts) {
      const target = join(this.lab.dataDir(host), 'node', 'models')
      if (join(from.dataDir, 'models') === target) continue
      await mkdir(join(target, '..'), { recursive: true })
      await cp(join(from.dataDir, 'models'), target, { recursive: true })
    }
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) node.forget()
    await this.lab.close()
  }

  /** The output of all nodes, for the report of a failed test. */
  output(): string {
    return this.#nodes.map((node) => `--- host ${node.host} (${node.nodeId})\n${node.output()}`).join('\n')
  }
}

const POLL_MS = 20

/** Polls until `check` holds for the states of all nodes. @returns those states and the time. @throws with the last states */
export async function whenAll(
  nodes: readonly ClusterNode[],
  what: string,
  check: (views: readonly ClusterView[]) => boolean,
  limitMs = 30_000,
): Promise<{ views: ClusterView[]; atMs: number }> {
  const deadlineMs = performance.now() + limitMs
  for (;;) {
    const views = await Promise.all(nodes.map((node) => node.state()))
    const atMs = performance.now()
    if (check(views)) return { views, atMs }
    if (atMs > deadlineMs) throw new Error(`after ${limitMs} ms still not: ${what}\n${JSON.stringify(views, null, 1)}`)
    await sleep(POLL_MS)
  }
}

/** Whether all nodes see exactly these nodes and agree on a leader among them. */
export function isOneCluster(nodes: readonly ClusterNode[]): (views: readonly ClusterView[]) => boolean {
  const ids = nodes
    .map(({ nodeId }) => nodeId)
    .sort()
    .join()
  return (views) => {
    const leaders = new Set(views.map(({ leader }) => leader && `${leader.nodeId} ${leader.term}`))
    const leader = views[0]?.leader
    return (
      leaders.size === 1 &&
      leader != null &&
      ids.includes(leader.nodeId) &&
      views.every((view) => Object.keys(view.nodes).sort().join() === ids)
    )
  }
}

/** Waits until all nodes know the free memory and the links of every node, on which placement depends. */
export function whenFormed(nodes: readonly ClusterNode[], limitMs?: number): ReturnType<typeof whenAll> {
  const isKnown = (view: ClusterView): boolean =>
    Object.values(view.nodes).every(({ availableBytes }) => availableBytes > 0) &&
    new Set(view.links.map(({ from, to }) => `${from} ${to}`)).size === nodes.length * (nodes.length - 1)
  return whenAll(nodes, 'one cluster whose nodes know each other', (views) => isOneCluster(nodes)(views) && views.every(isKnown), limitMs)
}

export function whenOneCluster(nodes: readonly ClusterNode[], limitMs?: number): ReturnType<typeof whenAll> {
  return whenAll(nodes, 'one leader and all nodes on all', isOneCluster(nodes), limitMs)
}
