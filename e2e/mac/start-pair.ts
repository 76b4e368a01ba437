import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../main/platform/network/free-ports.ts'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { get, post } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'

const LIMIT_MS = 120_000
const POLL_MS = 100

/** Two nodes on this machine, over which one model is split. */
export interface Pair {
  readonly nodes: readonly RunningExo[]
  readonly model: string
  stop(): Promise<void>
}

/** Resolves when the first node's default model is split over both and ready. */
export async function startPair(): Promise<Pair> {
  const port = await freePort()
  const quiet = ['--no-mdns', '--no-broadcast']
  const first = await startExo({ arguments: [...quiet, '--peer-port', String(port)] })
  const second = await startExo({ arguments: [...quiet, '--no-default-model', '--peer', `127.0.0.1:${port}`], awaitModel: false })
  const nodes = [first, second]
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    const view = async (): Promise<ClusterView> => (await get(first.apiUrl, '/state')).body as ClusterView
    await until('both are one cluster that knows its memory and its links', async () => {
      const { nodes: members, links } = await view()
      const all = Object.values(members)
      const paths = new Set(links.map(({ from, to }) => `${from} ${to}`))
      return all.length === 2 && all.every(({ availableBytes }) => availableBytes > 0) && paths.size === 2
    })
    const [[alone, instance] = []] = Object.entries((await view()).instances)
    const modelId = instance?.modelId ?? ''
    await fetch(`${first.apiUrl}/instance/${alone}`, { method: 'DELETE' })
    const { status, body } = await post(first.apiUrl, '/place_instance', { model_id: modelId, sharding: 'pipeline', min_nodes: 2 })
    if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body)}`)
    await until('the model is ready on both', async () => {
      const placed = (await view()).instances[body.instanceId as keyof ClusterView['instances']]
      if (placed?.status === 'failed') throw new Error(placed.reasons?.join(' '))
      return placed?.status === 'ready'
    })
    return { nodes, model: modelId, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`after ${LIMIT_MS / 1000} s still not: ${what}`)
    await sleep(POLL_MS)
  }
}
