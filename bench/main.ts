// `npm run bench`: compares this product with mlx-lm on this machine and measures the cost of two ranks and of idle nodes.
// setup/bench.mjs finds its inputs.
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { compareContestants, type ComparisonRow } from './contestants/compare-contestants.ts'
import { compareContexts } from './contestants/compare-contexts.ts'
import { compareServing } from './contestants/compare-serving.ts'
import { startExoContestant } from './contestants/exo-contestant.ts'
import { formatComparison } from './contestants/format-comparison.ts'
import { formatIdle, formatRanks } from './format-ranks.ts'
import { formatGrammarCost, measureGrammar } from './measure-grammar.ts'
import { measureIdleNodes } from './measure-idle-nodes.ts'
import { formatKvDrift, measureKvDrift } from './measure-kv-drift.ts'
import { measureRanks, type RankFigures } from './measure-ranks.ts'
import { startLlamaServerContestant } from './contestants/llama-server-contestant.ts'
import { startMlxLmContestant } from './contestants/mlx-lm-contestant.ts'
import { startMlxLmServer } from './contestants/mlx-lm-server.ts'
import { runComparison } from './contestants/run-comparison.ts'

const { values: flags } = parseArgs({
  options: {
    launcher: { type: 'string', default: './exo' },
    /** The engine of the nodes, by the names of `EXO_ENGINE`. */
    engine: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    'data-dir': { type: 'string', default: join('build', 'bench') },
    /** name=folder; repeatable. */
    model: { type: 'string', multiple: true, default: [] },
    /** Models that are compared with mlx-lm only, and not split: name=folder; repeatable. */
    'whole-model': { type: 'string', multiple: true, default: [] },
    /** Models whose answers over HTTP are compared with `mlx_lm.server`: name=folder; repeatable. */
    serve: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
    'prompt-tokens': { type: 'string', default: '512' },
    'max-tokens': { type: 'string', default: '128' },
    /** For the part `ranks`: few tokens, many pairs of runs. */
    pairs: { type: 'string', default: '8' },
    'rank-prompt-tokens': { type: 'string', default: '64' },
    'rank-max-tokens': { type: 'string', default: '48' },
    json: { type: 'string' },
    /** Another program for the same model, instead of all other parts: `llama-server`, or its path. */
    peer: { type: 'string' },
    /** The file that it loads, and exo's default model. */
    gguf: { type: 'string' },
    /** Parts to run, all by default but `kv-bits` and `grammar`; repeatable. */
    only: { type: 'string', multiple: true, default: ['mlx-lm', 'serving', 'ranks', 'idle'] },
    'idle-nodes': { type: 'string', default: '10' },
    'idle-seconds': { type: 'string', default: '20' },
    /** The loopback interface carries only the benchmark's traffic. */
    'own-network': { type: 'boolean', default: false },
  },
})

if (flags.peer !== undefined) flags.only = []
if (flags.engine !== undefined) process.env['EXO_ENGINE'] = flags.engine

/** About 600 tokens, which takes a minute where MLX computes on a CPU. */
const KV_TEXT_CHARACTERS = 2_400

const write = (text: string): void => void process.stdout.write(`${text}\n`)

const ModelList = z.object({
  models: z.array(z.object({ modelId: z.string(), card: z.object({ vocabSize: z.int(), contextTokens: z.int() }).optional() })),
})
/** SmolLM2's. */
const DEFAULT_CARD = { vocabSize: 49_152, contextTokens: 8_192 }
const ModelConfig = z.object({ vocab_size: z.int(), hidden_size: z.int(), num_hidden_layers: z.int() })
const configOf = async (modelDir: string): Promise<z.infer<typeof ModelConfig>> =>
  ModelConfig.parse(JSON.parse(await readFile(join(modelDir, 'config.json'), 'utf8')))
const [rounds, promptTokens, maxTokens] = [Number(flags.rounds), Number(flags['prompt-tokens']), Number(flags['max-tokens'])]

async function compareOn(name: string, modelDir: string): Promise<ComparisonRow[]> {
  const exo = await startExoContestant(flags.launcher, modelDir, flags['data-dir'])
  const mlxLm = await startMlxLmContestant(flags.python, modelDir).catch(async (error: unknown) => {
    await exo.stop()
    throw error
  })
  try {
    const options = { rounds, promptTokens, maxTokens, vocabSize: (await configOf(modelDir)).vocab_size }
    const [ours, theirs] = await runComparison([exo, mlxLm], options, (contestant, run) =>
      write(
        `  ${name}  ${contestant.padEnd(6)}  decode ${run.decodeTokensPerSecond.toFixed(1)} tok/s  prefill ` +
          `${run.prefillTokensPerSecond.toFixed(1)} tok/s  TTFT ${run.ttftMs.toFixed(1)} ms`,
      ),
    )
    return compareContestants(ours, theirs)
  } finally {
    await Promise.all([exo.stop(), mlxLm.stop()])
  }
}

async function compareServingOn(name: string, modelDir: string): Promise<ComparisonRow[]> {
  const exo = await startExoContestant(flags.launcher, modelDir, flags['data-dir'])
  const mlxLm = await startMlxLmServer(flags.python, modelDir).catch(async (error: unknown) => {
    await exo.stop()
    throw error
  })
  try {
    return await compareServing(exo, mlxLm, { rounds, maxTokens }, (server, streams, rate) =>
      write(`  ${name}  ${server.padEnd(13)}  ${streams} at once  ${rate.toFixed(1)} tok/s`),
    )
  } finally {
    await Promise.all([exo.stop(), mlxLm.stop()])
  }
}

async function splitOverTwo(name: string, modelDir: string): Promise<RankFigures> {
  const { launcher, python, 'data-dir': dataDir, 'own-network': isNetworkOwn } = flags
  const onRun = (layout: string, progress: string): void => write(`  ${name}  ${layout.padEnd(14)}  ${progress}`)
  const [pairs, promptOfRanks, maxOfRanks] = [Number(flags.pairs), Number(flags['rank-prompt-tokens']), Number(flags['rank-max-tokens'])]
  return measureRanks({
    launcher,
    python,
    dataDir,
    modelDir,
    config: await configOf(modelDir),
    pairs,
    promptTokens: promptOfRanks,
    maxTokens: maxOfRanks,
    isNetworkOwn,
    onRun,
  })
}

const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  totalBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
}
write(
  `${machine.processor}, ${machine.cores} cores, ${machine.platform}; load ${loadavg()[0]?.toFixed(1)}; ` +
    `${flags['prompt-tokens']} prompt tokens, ${flags['max-tokens']} sampled, median of ${flags.rounds} ` +
    'alternating rounds',
)
async function measureAll<Figures>(
  part: string,
  models: readonly string[],
  suffix: string,
  measure: (name: string, modelDir: string) => Promise<Figures>,
  format: (title: string, figures: Figures) => string,
): Promise<Record<string, Figures>> {
  const measured: Record<string, Figures> = {}
  for (const model of flags.only.includes(part) ? models : []) {
    const separator = model.indexOf('=')
    const [name, modelDir] = [model.slice(0, separator), model.slice(separator + 1)]
    const title = `${name}${suffix}`
    measured[title] = await measure(name, modelDir)
    write(`\n${format(title, measured[title])}\n`)
  }
  return measured
}
const compared = await measureAll('mlx-lm', [...flags.model, ...flags['whole-model']], '', compareOn, formatComparison)
const served = await measureAll('serving', flags.serve, ', served over HTTP', compareServingOn, formatComparison)
const ranks = await measureAll('ranks', flags.model, ', split over two', splitOverTwo, formatRanks)
const kvText = await readFile(join(import.meta.dirname, '..', 'ARCHITECTURE.md'), 'utf8')
async function compareWithPeer(program: string, ggufFile: string): Promise<ComparisonRow[]> {
  const exo = await startExoContestant(flags.launcher, null, flags['data-dir'])
  const { models } = ModelList.parse(await (await fetch(`${exo.apiUrl}/models`)).json())
  const card = models.find(({ modelId }) => modelId === exo.modelId)?.card ?? DEFAULT_CARD
  const peer = await startLlamaServerContestant(program, ggufFile, card.contextTokens).catch(async (error: unknown) => {
    await exo.stop()
    throw error
  })
  try {
    return await compareContexts([exo, peer], { rounds, maxTokens, ...card }, (name, tokens, run) => {
      const [decode, prefill] = [run.decodeTokensPerSecond, run.prefillTokensPerSecond].map((rate) => `${rate.toFixed(1)} tok/s`)
      write(`  ${name.padEnd(12)}  ${tokens} tokens  decode ${decode}  prefill ${prefill}`)
    })
  } finally {
    await Promise.all([exo.stop(), peer.stop()])
  }
}
const peerRows = flags.peer !== undefined && flags.gguf !== undefined ? await compareWithPeer(flags.peer, flags.gguf) : null
if (peerRows) write(`${formatComparison('the default model, by prompt', peerRows, 'llama-server')}\n`)

const measureDrift = (_name: string, modelDir: string) => {
  process.env['EXO_ENGINE'] ??= 'arrays'
  return measureKvDrift(flags.launcher, modelDir, flags['data-dir'], kvText.slice(0, KV_TEXT_CHARACTERS))
}
const kvBits = await measureAll('kv-bits', flags.model, '', measureDrift, formatKvDrift)
const measureCost = (_name: string, modelDir: string) =>
  measureGrammar(flags.launcher, modelDir, flags['data-dir'], Number(flags.pairs), maxTokens)
const grammar = await measureAll('grammar', flags.serve, ', with grammars', measureCost, formatGrammarCost)
const idleOptions = { nodes: Number(flags['idle-nodes']), seconds: Number(flags['idle-seconds']), isNetworkOwn: flags['own-network'] }
const idle = flags.only.includes('idle') ? await measureIdleNodes(flags.launcher, flags['data-dir'], idleOptions) : null
if (idle) write(`${formatIdle(idle)}\n`)
const report = JSON.stringify(
  {
    machine,
    settings: { rounds, promptTokens, maxTokens },
    results: { ...compared, ...served },
    ranks,
    kvBits,
    grammar,
    idle,
    peer: peerRows,
  },
  null,
  2,
)
if (flags.json === undefined) write(report)
else await writeFile(flags.json, `${report}\n`)
