import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import type { BenchmarkConfig } from '../../benchmark/benchmark-config.ts'
import { BenchmarkResult, type BenchmarkRow } from '../../benchmark/benchmark-result.ts'
import { benchmarkRecords, benchmarkTable } from '../../benchmark/benchmark-table.ts'
import { compareBaseline } from '../../benchmark/compare-baseline.ts'
import { exoTarget } from '../../benchmark/exo-target.ts'
import { openAiTarget } from '../../benchmark/openai-target.ts'
import { parseBenchmarkConfig } from '../../benchmark/parse-benchmark-config.ts'
import { type BenchmarkProgress, runBenchmark } from '../../benchmark/run-benchmark.ts'
import { systemClock } from '../../platform/clock.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { benchCluster, CLUSTER_CONFIG } from '../cluster/bench-cluster.ts'
import { clientOfRunningNode } from '../client-of-running-node.ts'
import { formatCsv } from '../text/format-csv.ts'
import { interruption } from '../interruption.ts'
import { listingText } from '../listings/listings.ts'
import { createNodeClient } from '../node-client.ts'
import { configuredNodeFlags } from '../config/effective-settings.ts'
import { dataDirOf, dataDirOption, toNodeOptions } from '../node-options.ts'
import { processHost } from '../process-host.ts'
import { formatTable } from '../text/table.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { withNode } from '../with-node.ts'

interface BenchFlags {
  config?: string
  cluster?: true
  model: string
  url?: string
  apiKey?: string
  baseline?: string
  json?: true
  csv?: true
  dataDir?: string
}

/** `exo bench`: how fast the cluster, or any server with OpenAI's API, answers. */
export function addBenchCommand(program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  program
    .command('bench')
    .description('measure the running node, a temporary one, or any OpenAI-compatible server')
    .option(
      '--config <file>',
      'YAML: models, prompt_tokens, output_tokens, concurrency, strategies, backends, repeats, warmup; see bench_simple.yaml',
    )
    .option('--cluster', 'compare every possible placement of a model on the machines of the cluster, and say which to take')
    .option('--model <model>', 'with --cluster: the model', 'default')
    .option('--url <url>', 'measure this server instead, such as http://127.0.0.1:8000')
    .addOption(new Option('--api-key <key>', 'API key of that server').env('OPENAI_API_KEY'))
    .option('--baseline <file>', 'result of an earlier run (--json); adds the ratio to it')
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .addOption(dataDirOption())
    .action(async (flags: BenchFlags) => {
      const stop = new AbortController()
      void interruption().then(() => stop.abort(new Error('Interrupted.')))
      if (flags.cluster) {
        const conflict = (['url', 'baseline', 'csv'] as const).find((name) => flags[name] !== undefined)
        if (conflict) throw new UsageError(`--cluster does not go with --${conflict}.`)
        const asked = flags.config === undefined ? CLUSTER_CONFIG : parseBenchmarkConfig(await readText(flags.config), flags.config)
        const client = await clientOfRunningNode(dataDirOf(program, flags))
        return benchCluster(client, { config: asked, model: flags.model, isJson: flags.json === true }, terminal, stop.signal)
      }
      if (flags.config === undefined) throw new UsageError('Say what to measure with --config FILE, or use --cluster.')
      const config = parseBenchmarkConfig(await readText(flags.config), flags.config)
      const baseline = flags.baseline === undefined ? null : parseBaseline(await readText(flags.baseline), flags.baseline)
      const result = await measure(config, flags, dataDirOf(program, flags), terminal, spawn, stop.signal)
      print(result, baseline, flags, terminal)
      if (result.rows.every(({ requests, failed }) => requests === failed))
        throw new AppError('benchmark-failed', `No request was answered. ${result.rows[0]?.error ?? ''}`)
    })
}

async function measure(
  config: BenchmarkConfig,
  flags: BenchFlags,
  dataDir: string,
  terminal: Terminal,
  spawn: SpawnProcess,
  signal: AbortSignal,
): Promise<BenchmarkResult> {
  const clock = systemClock
  const report = { onProgress: showProgress(terminal), onRow: (row: BenchmarkRow) => terminal.error(`  ${describeRow(row)}`) }
  if (flags.url !== undefined) {
    const url = serverOf(flags.url)
    return runBenchmark(config, { target: openAiTarget(url, createNodeClient(url, flags.apiKey ?? null)), clock, ...report }, signal)
  }
  const options = toNodeOptions({ ...(await configuredNodeFlags(dataDir)), dataDir })
  return withNode(options, processHost(spawn), terminal, config.models, (client) =>
    runBenchmark(config, { target: exoTarget(client.apiUrl, client, clock), clock, ...report }, signal),
  )
}

function serverOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new UsageError('--url must be the address of a server, such as http://127.0.0.1:8000.')
  const { origin, pathname } = new URL(text)
  if (!/^\/?(v1\/?)?$/.test(pathname)) throw new UsageError('--url must be the address without /v1, such as http://127.0.0.1:8000.')
  return origin
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('file-unreadable', `${file} cannot be read: ${errorMessage(cause)}`, { file }, cause)
  })
}

function parseBaseline(text: string, file: string): BenchmarkResult {
  try {
    return BenchmarkResult.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('baseline-invalid', `${file} is not a result of exo bench --json.`, { file }, cause)
  }
}

const caseName = ({ model, promptTokens, outputTokens, concurrency, strategy, backend }: BenchmarkProgress['benchmarkCase']): string =>
  `${model} ${promptTokens}+${outputTokens} ` +
  `x${concurrency}${strategy === 'auto' ? '' : ` ${strategy}`}${backend === 'auto' ? '' : ` ${backend}`}`

function showProgress(terminal: Terminal): (progress: BenchmarkProgress) => void {
  return ({ benchmarkCase, caseNumber, cases, round }) => {
    const stage = round === null ? 'getting ready' : `${round.isWarmup ? 'warm-up' : 'run'} ${round.number} of ${round.of}`
    terminal.error(`[${caseNumber}/${cases}] ${caseName(benchmarkCase)}: ${stage}`)
  }
}

function describeRow({
  prefillTokensPerSecond,
  decodeTokensPerSecond,
  totalTokensPerSecond,
  failed,
  requests,
  error,
}: BenchmarkRow): string {
  if (decodeTokensPerSecond === null) return `failed: ${error ?? 'no token received'}`
  const failures = failed === 0 ? '' : `; ${failed} of ${requests} failed: ${error ?? ''}`
  return (
    `prefill ${prefillTokensPerSecond?.toFixed(1) ?? '?'}, decode ${decodeTokensPerSecond.toFixed(1)}, ` +
    `total ${totalTokensPerSecond?.toFixed(1) ?? '?'} tokens/s${failures}`
  )
}

function print(result: BenchmarkResult, baseline: BenchmarkResult | null, flags: BenchFlags, terminal: Terminal): void {
  const ratios = baseline && compareBaseline(result, baseline)
  if (flags.json) return terminal.line(listingText('bench', ratios ? { ...result, ratios } : result))
  if (flags.csv) return terminal.line(formatCsv(benchmarkRecords(result, ratios)))
  terminal.line(formatTable(benchmarkTable(result, ratios)))
}
