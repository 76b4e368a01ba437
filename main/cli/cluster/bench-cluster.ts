import { z } from 'zod'
import { advisePlacement, type PlacementAim } from '../../benchmark/advise-placement.ts'
import { BenchmarkConfig } from '../../benchmark/benchmark-config.ts'
import type { BenchmarkRow } from '../../benchmark/benchmark-result.ts'
import { clusterPlacements, type ComparedPlacement } from '../../benchmark/cluster-placements.ts'
import { exoTarget } from '../../benchmark/exo-target.ts'
import { runBenchmark } from '../../benchmark/run-benchmark.ts'
import { systemClock } from '../../platform/clock.ts'
import { AppError } from '../../shared/app-error.ts'
import { ClusterView } from '../../shared/cluster-view.ts'
import { parseSaid } from '../../shared/wire/peer/parse-tolerantly.ts'
import { listingText } from '../listings/listings.ts'
import type { NodeClient } from '../node-client.ts'
import type { Terminal } from '../terminal.ts'
import { formatTable } from '../text/table.ts'
import type { ClusterComparison } from '../../benchmark/cluster-comparison.ts'

/** What is measured of each placement without `--config`. */
export const CLUSTER_CONFIG: BenchmarkConfig = BenchmarkConfig.parse({
  name: 'cluster',
  prompt_tokens: 512,
  output_tokens: 64,
  concurrency: [1, 4],
  repeats: 2,
})

export interface BenchClusterOptions {
  readonly config: BenchmarkConfig
  readonly model: string
  readonly isJson: boolean
}

/** `exo bench --cluster`: places a model in every possible way, one after another, and measures it. */
export async function benchCluster(
  client: NodeClient,
  { config, model, isJson }: BenchClusterOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const modelId = await notLoaded(client, model)
  const { possible, obstacles } = await clusterPlacements(client, modelId)
  if (possible.length === 0) throw new AppError('benchmark-failed', `${modelId} cannot be placed. ${obstacles[0] ?? ''}`)
  const placements: ClusterComparison['placements'] = []
  for (const [index, placement] of possible.entries()) {
    terminal.error(`[${index + 1}/${possible.length}] ${howOf(placement)} on ${namesOf(placement)}`)
    const { rows } = await runBenchmark(
      { ...config, models: [modelId], strategies: ['auto'], backends: ['auto'] },
      {
        // Memory and traffic are not compared, and reading them takes longer than a short measurement.
        target: {
          ...exoTarget(client.apiUrl, client, systemClock, placement),
          usage: async () => ({ peakMemoryBytes: null, linkBytes: null }),
        },
        clock: systemClock,
        onProgress: () => undefined,
        onRow: () => undefined,
      },
      signal,
    )
    for (const { error } of rows) if (error !== null) terminal.error(`  failed: ${error}`)
    placements.push({ ...placement, rows })
  }
  const take = advisePlacement(placements.map(({ rows, nodes }) => ({ ...figuresOf(rows), machines: nodes.length })))
  const comparison: ClusterComparison = { model: modelId, placements, obstacles, take }
  terminal.line(isJson ? listingText('bench --cluster', comparison) : formatPlacements(comparison))
  if (take.decode === null) throw new AppError('benchmark-failed', `No request was answered. ${placements[0]?.rows[0]?.error ?? ''}`)
}

/**
 * @returns the id of the model
 * @throws AppError `loaded-otherwise`: its requests would go to the loaded instance
 */
async function notLoaded(client: NodeClient, name: string): Promise<string> {
  const { models } = z
    .object({ models: z.array(z.looseObject({ modelId: z.string(), aliases: z.array(z.string()) })) })
    .parse(await client.get('/models'))
  const { instances } = parseSaid(ClusterView, await client.get('/state'))
  const loaded = Object.values(instances)
  const lower = name.toLowerCase()
  const known = models.find(({ modelId, aliases }) => [modelId, ...aliases].some((each) => each.toLowerCase() === lower))
  const modelId = known?.modelId ?? (name === 'default' ? (loaded[0]?.modelId ?? models[0]?.modelId ?? name) : name)
  if (loaded.some((instance) => instance.modelId === modelId))
    throw new AppError(
      'loaded-otherwise',
      `${modelId} is loaded, and would answer in place of the others. Unload it first: exo unload ${modelId}`,
    )
  return modelId
}

function figuresOf(rows: readonly BenchmarkRow[]) {
  const [one] = rows.toSorted((a, b) => a.concurrency - b.concurrency)
  const totals = rows.flatMap(({ totalTokensPerSecond }) => totalTokensPerSecond ?? [])
  return {
    decodeTokensPerSecond: one?.decodeTokensPerSecond ?? null,
    prefillTokensPerSecond: one?.prefillTokensPerSecond ?? null,
    ttftMs: one?.ttftMs?.p50 ?? null,
    togetherTokensPerSecond: totals.length === 0 ? null : Math.max(...totals),
  }
}

const AIMS: readonly (readonly [PlacementAim, string])[] = [
  ['decode', 'For the fastest single answer'],
  ['prefill', 'For long prompts'],
  ['together', 'For several requests at once'],
]

function formatPlacements({ model, placements, obstacles, take }: ClusterComparison): string {
  const figure = (value: number | null): string => (value === null ? '' : value.toFixed(1))
  const rows = placements.map((placement) => {
    const figures = figuresOf(placement.rows)
    const expected = placement.expectedTokensPerSecond
    return [
      howOf(placement),
      namesOf(placement),
      figure(figures.prefillTokensPerSecond),
      figure(figures.decodeTokensPerSecond),
      expected ? `${expected.low.toFixed(0)} to ${expected.high.toFixed(0)}` : '',
      figure(figures.togetherTokensPerSecond),
      figures.ttftMs === null ? '' : `${Math.round(figures.ttftMs)} ms`,
      placement.rows.find(({ error }) => error !== null)?.error ?? '',
    ]
  })
  const advice = AIMS.flatMap(([aim, words]) => {
    const placement = placements[take[aim] ?? -1]
    return placement ? [`${words}: ${howOf(placement)} on ${namesOf(placement)}`, `  ${loadCommand(model, placement)}`] : []
  })
  return [
    formatTable([['HOW', 'MACHINES', 'PROMPT T/S', 'DECODE T/S', 'EXPECTED', 'TOGETHER T/S', 'TTFT', ''], ...rows]),
    '',
    ...advice,
    ...(obstacles.length === 0 ? [] : ['', 'Not possible:', ...obstacles.map((obstacle) => `  ${obstacle}`)]),
  ].join('\n')
}

function howOf({ strategy, backend, nodes }: ComparedPlacement): string {
  return nodes.length === 1 ? 'alone' : `${strategy}/${backend}`
}

function namesOf({ nodes }: ComparedPlacement): string {
  return nodes.map(({ name }) => name).join(' ')
}

function loadCommand(model: string, { strategy, backend, nodes }: ComparedPlacement): string {
  const how = nodes.length === 1 || backend === 'local' ? '' : ` --strategy ${strategy} --backend ${backend} --min-nodes ${nodes.length}`
  const ids = nodes.map(({ nodeId }) => nodeId).join(',')
  return `exo load ${model}${how} --nodes ${ids}`
}
