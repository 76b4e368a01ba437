// `npm run bench`: this product and mlx-lm, side by side on this machine. setup/bench.mjs finds what it needs.
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareContestants, type ComparisonRow } from './compare-contestants.ts'
import { compareServing } from './compare-serving.ts'
import { startExoContestant } from './exo-contestant.ts'
import { formatComparison } from './format-comparison.ts'
import { startMlxLmContestant } from './mlx-lm-contestant.ts'
import { startMlxLmServer } from './mlx-lm-server.ts'
import { runComparison } from './run-comparison.ts'

const { values: flags } = parseArgs({
  options: {
    launcher: { type: 'string', default: './exo' },
    python: { type: 'string', default: 'python3' },
    'data-dir': { type: 'string', default: join('build', 'bench') },
    /** name=folder; repeatable. */
    model: { type: 'string', multiple: true, default: [] },
    /** Answers over HTTP, beside `mlx_lm.server`: name=folder; repeatable. */
    serve: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
    'prompt-tokens': { type: 'string', default: '512' },
    'max-tokens': { type: 'string', default: '128' },
    json: { type: 'string' },
  },
})

const write = (text: string): void => void process.stdout.write(`${text}\n`)

async function vocabSizeOf(modelDir: string): Promise<number> {
  const config = JSON.parse(await readFile(join(modelDir, 'config.json'), 'utf8')) as { vocab_size: number }
  return config.vocab_size
}

async function compareOn(name: string, modelDir: string): Promise<ComparisonRow[]> {
  const exo = await startExoContestant(flags.launcher, modelDir, flags['data-dir'])
  const mlxLm = await startMlxLmContestant(flags.python, modelDir).catch(async (error: unknown) => {
    await exo.stop()
    throw error
  })
  try {
    const options = {
      rounds: Number(flags.rounds),
      promptTokens: Number(flags['prompt-tokens']),
      maxTokens: Number(flags['max-tokens']),
      vocabSize: await vocabSizeOf(modelDir),
    }
    const [ours, theirs] = await runComparison([exo, mlxLm], options, (contestant, run) =>
      write(
        `  ${name}  ${contestant.padEnd(6)}  decode ${run.decodeTokensPerSecond.toFixed(1)} tok/s  prefill ${run.prefillTokensPerSecond.toFixed(1)} tok/s  TTFT ${run.ttftMs.toFixed(1)} ms`,
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
    return await compareServing(exo, mlxLm, { rounds: Number(flags.rounds), maxTokens: Number(flags['max-tokens']) }, (server, streams, rate) =>
      write(`  ${name}  ${server.padEnd(13)}  ${streams} at once  ${rate.toFixed(1)} tok/s`),
    )
  } finally {
    await Promise.all([exo.stop(), mlxLm.stop()])
  }
}

const machine = { processor: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), totalBytes: totalmem(), platform: `${process.platform} ${process.arch}` }
write(`${machine.processor}, ${machine.cores} cores, ${machine.platform}; ${flags['prompt-tokens']} prompt tokens, ${flags['max-tokens']} sampled, median of ${flags.rounds} alternating rounds`)
const results: Record<string, ComparisonRow[]> = {}
async function compareAll(models: readonly string[], suffix: string, compare: (name: string, modelDir: string) => Promise<ComparisonRow[]>): Promise<void> {
  for (const model of models) {
    const separator = model.indexOf('=')
    const [name, modelDir] = [model.slice(0, separator), model.slice(separator + 1)]
    const title = `${name}${suffix}`
    results[title] = await compare(name, modelDir)
    write(`\n${formatComparison(title, results[title])}\n`)
  }
}
await compareAll(flags.model, '', compareOn)
await compareAll(flags.serve, ', served over HTTP', compareServingOn)
const report = JSON.stringify({ machine, settings: { rounds: flags.rounds, promptTokens: flags['prompt-tokens'], maxTokens: flags['max-tokens'] }, results }, null, 2)
if (flags.json === undefined) write(report)
else await writeFile(flags.json, `${report}\n`)
