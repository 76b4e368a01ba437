import type { ClusterView, InstanceView, NodeView, ShardView } from '../../shared/cluster-view.ts'
import { formatMemory } from '../../shared/formats/byte-size.ts'
import { formatTable } from '../text/table.ts'

const BAR_CELLS = 20

/** The text of `exo cluster status` and of each picture of `exo cluster top`. */
export function formatTop(view: ClusterView): string {
  const nodes = Object.entries<NodeView>(view.nodes).sort(([, a], [, b]) => (a.name < b.name ? -1 : 1))
  const instances = Object.entries<InstanceView>(view.instances)
  const sum = (values: readonly (number | null | undefined)[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0)
  const all = instances.map(([, instance]) => instance)
  const leader = view.leader ? (view.nodes[view.leader.nodeId]?.name ?? view.leader.nodeId.slice(0, 12)) : 'none'
  const head = [
    `Cluster ${view.clusterName}, leader ${leader}, ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`,
    `${sum(all.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond)).toFixed(1)} tokens/s, ` +
      `${sum(all.map(({ running }) => running))} requests running, ${sum(all.map(({ waiting }) => waiting))} waiting`,
  ]
  const shardsOf = (nodeId: string): ShardView[] => all.flatMap(({ shards }) => shards.filter((shard) => shard.nodeId === nodeId))
  const nodeRows = nodes.map(([nodeId, { name, chip, totalBytes, availableBytes, status, version }]) => [
    name,
    chip.replace(/^Apple /, ''),
    status,
    bar(totalBytes === 0 ? 0 : 1 - availableBytes / totalBytes),
    `${formatMemory(availableBytes)} of ${formatMemory(totalBytes)} free`,
    formatMemory(sum(shardsOf(nodeId).map(({ residentBytes }) => residentBytes))),
    version,
  ])
  const instanceRows = all.map(
    ({ modelId, status, strategy, backend, shards, decodeTokensPerSecond, prefillTokensPerSecond, running, waiting, ttftMs }) => [
      modelId,
      status,
      shards.length > 1 ? `${strategy}/${backend}` : backend,
      shards.map((shard) => view.nodes[shard.nodeId]?.name ?? shard.nodeId.slice(0, 12)).join(' '),
      rate(decodeTokensPerSecond),
      rate(prefillTokensPerSecond),
      running === undefined ? '' : `${running}+${waiting ?? 0}`,
      ttftMs === undefined ? '' : `${Math.round(ttftMs)} ms`,
    ],
  )
  return [
    ...head,
    '',
    formatTable([['NODE', 'CHIP', 'STATUS', 'MEMORY', '', 'MODELS', 'VERSION'], ...nodeRows]),
    ...(instanceRows.length === 0
      ? ['', 'No model is loaded.']
      : ['', formatTable([['MODEL', 'STATUS', 'HOW', 'NODES', 'TOKENS/S', 'PROMPT/S', 'REQUESTS', 'TTFT'], ...instanceRows])]),
  ].join('\n')
}

function rate(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? '' : tokensPerSecond.toFixed(1)
}

function bar(usedRatio: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, usedRatio)) * BAR_CELLS)
  return `[${'|'.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}]`
}
