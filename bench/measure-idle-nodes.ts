import { setTimeout as sleep } from 'node:timers/promises'
import { NodeGroup } from './node-group.ts'
import { loopbackCounters, processorSeconds } from './own-counters.ts'

/** Nodes link and measure paths in the first seconds. */
const SETTLE_MS = 20_000

export interface IdleFigures {
  readonly nodes: number
  readonly seconds: number
  /** Share of one core, per node. */
  readonly processorRatio: number | null
  /** Sent bytes per node, including headers; null if other programs' traffic cannot be separated. */
  readonly bytesPerSecond: number | null
  readonly packetsPerSecond: number | null
}

/** Measures the cost of idle nodes in one cluster. */
export async function measureIdleNodes(
  launcher: string,
  dataDir: string,
  options: { readonly nodes: number; readonly seconds: number; readonly isNetworkOwn: boolean },
): Promise<IdleFigures> {
  const { nodes, seconds, isNetworkOwn } = options
  const group = await NodeGroup.start(launcher, dataDir, nodes)
  try {
    await sleep(SETTLE_MS)
    const read = () => ({
      processor: group.nodes.map(({ processId }) => processorSeconds(processId)),
      network: isNetworkOwn ? loopbackCounters() : null,
    })
    const before = read()
    await sleep(seconds * 1000)
    const after = read()
    const busySeconds = after.processor.map((value, index) => (value === null ? null : value - (before.processor[index] ?? 0)))
    const perNode = (now: number | undefined, then: number | undefined): number | null =>
      now === undefined || then === undefined ? null : (now - then) / seconds / nodes
    return {
      nodes,
      seconds,
      processorRatio: busySeconds.includes(null)
        ? null
        : busySeconds.reduce<number>((sum, value) => sum + (value ?? 0), 0) / seconds / nodes,
      bytesPerSecond: perNode(after.network?.bytes, before.network?.bytes),
      packetsPerSecond: perNode(after.network?.packets, before.network?.packets),
    }
  } finally {
    await group.stop()
  }
}
