import { z } from 'zod'
import type { Command } from 'commander'
import { BenchmarkConfig } from '../../benchmark/benchmark-config.ts'
import { exoTarget } from '../../benchmark/exo-target.ts'
import { runBenchmark } from '../../benchmark/run-benchmark.ts'
import { calibrateSpeed } from '../../domain/speed/calibrate-speed.ts'
import { machineSpeeds } from '../../domain/speed/machine/machine-speeds.ts'
import { saveSpeedRecord } from '../../node/files/speed-file.ts'
import { systemClock } from '../../platform/clock.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { AppError } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { MachineSpeed } from '../../shared/speed/machine-speed.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { interruption } from '../interruption.ts'
import { listingText } from '../listings/listings.ts'
import type { NodeClient } from '../node-client.ts'
import { configuredNodeFlags } from '../config/effective-settings.ts'
import { dataDirOf, dataDirOption, toNodeOptions } from '../node-options.ts'
import { processHost } from '../process-host.ts'
import type { Terminal } from '../terminal.ts'
import { withNode } from '../with-node.ts'

interface CalibrateFlags {
  model: string
  json?: true
  dataDir?: string
}

const PROMPT_TOKENS = 512
const OUTPUT_TOKENS = 128
const REPEATS = 3

const Models = z.object({ models: z.array(z.object({ modelId: z.string(), aliases: z.array(z.string()), card: ModelCard.optional() })) })
const Machine = z.object({ chip: z.string(), totalBytes: z.number() })
const View = z.object({ nodes: z.record(z.string(), Machine) })

/** `exo calibrate`: measures this machine with a model, and keeps the result for forecasts. */
export function addCalibrateCommand(program: Command, terminal: Terminal, spawn: SpawnProcess): void {
  program
    .command('calibrate')
    .description('measure how fast this machine computes, and keep the result for plans and placements')
    .option('--model <model>', 'the larger the model, the better the measurement; it must fit on this machine', 'smollm2')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: CalibrateFlags) => {
      const dataDir = dataDirOf(program, flags)
      const options = toNodeOptions({ ...(await configuredNodeFlags(dataDir)), dataDir })
      const { modelId, speed } = await withNode(options, processHost(spawn), terminal, [flags.model], (client) =>
        measure(client, flags.model),
      )
      await saveSpeedRecord(dataDir, { measuredAt: new Date(systemClock.epochMs()).toISOString(), modelId, speed })
      terminal.line(flags.json ? listingText('calibrate', { modelId, speed }) : describe(speed, modelId))
    })
}

async function measure(client: NodeClient, model: string): Promise<{ modelId: string; speed: MachineSpeed }> {
  const stop = new AbortController()
  void interruption().then(() => stop.abort(new Error('Interrupted.')))
  await machineOf(client)
  const config = BenchmarkConfig.parse({
    name: 'calibrate',
    models: [model],
    prompt_tokens: PROMPT_TOKENS,
    output_tokens: OUTPUT_TOKENS,
    repeats: REPEATS,
  })
  const target = exoTarget(client.apiUrl, client, systemClock)
  const dependencies = { target, clock: systemClock, onProgress: () => undefined, onRow: () => undefined }
  const [row] = (await runBenchmark(config, dependencies, stop.signal)).rows
  if (!row?.decodeTokensPerSecond || !row.prefillTokensPerSecond)
    throw new AppError('benchmark-failed', `No request was answered. ${row?.error ?? ''}`)
  const { models } = Models.parse(await client.get('/models'))
  const lower = model.toLowerCase()
  const found = models.find(({ modelId, aliases }) => modelId === model || aliases.some((alias) => alias.toLowerCase() === lower))
  if (!found?.card) throw new AppError('model-not-found', `The node does not list ${model}.`, { model })
  const measured = {
    decodeTokensPerSecond: row.decodeTokensPerSecond,
    contextTokens: PROMPT_TOKENS + OUTPUT_TOKENS / 2,
    prefillTokensPerSecond: row.prefillTokensPerSecond,
    promptTokens: PROMPT_TOKENS,
  }
  const machine = await machineOf(client)
  const candidates = (machine && machineSpeeds(machine)?.candidates) ?? []
  return { modelId: found.modelId, speed: calibrateSpeed(found.card, measured, candidates[Math.floor(candidates.length / 2)] ?? null) }
}

/** The only machine of the cluster; undefined: the node has not reported itself yet. */
async function machineOf(client: NodeClient): Promise<z.infer<typeof Machine> | undefined> {
  const [machine, ...others] = Object.values(View.parse(await client.get('/state')).nodes)
  if (others.length === 0) return machine
  throw new AppError(
    'calibration-not-alone',
    'A model could be placed on other machines of this cluster. Stop the node, and run exo calibrate again.',
  )
}

function describe({ bytesPerSecond, flopsPerSecond, layerSeconds }: MachineSpeed, modelId: string): string {
  return [
    `Measured with ${modelId}:`,
    `  reads ${formatBytes(bytesPerSecond)} of weights per second`,
    `  ${(flopsPerSecond / 1e12).toFixed(2)} TFLOPS on prompts`,
    `  ${(layerSeconds * 1e6).toFixed(0)} us to start a layer`,
    'A running node uses it after its next start.',
  ].join('\n')
}
