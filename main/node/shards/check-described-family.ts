import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import { countOutOfMemoryKills } from '../../platform/processes/count-out-of-memory-kills.ts'
import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import { GenerationSpec, type SampledToken } from '../../shared/inference/generation.ts'
import { asKnownConfig, type DescribedFamily, type FamilyCheck } from '../../shared/models/described-family.ts'
import type { CheckedFamily } from '../../shared/models/signed-catalogue.ts'
import { ShardSpec } from '../../shared/shard.ts'
import { startWorker } from '../../worker/supervisor/start-worker.ts'
import type { Worker } from '../../worker/supervisor/worker.ts'

const LIMIT_MS = 60_000
/** How far a logprob in float32 may be from the recorded one. */
const TOLERANCE = 5e-3
const CONTEXT_TOKENS = 128

export interface FamilyCheckDependencies {
  readonly host: { readonly workerEntry: string; readonly nativeAddon: string; readonly spawn: SpawnProcess }
  readonly clock: Clock
  readonly log: Log
}

/** A family whose answer is not known yet. */
export type UnansweredFamily = DescribedFamily & { readonly check: Pick<FamilyCheck, 'config' | 'seed' | 'prompt'> }

export interface FamilyAnswer {
  readonly tokenIds: readonly number[]
  readonly logprobs: readonly number[]
}

/**
 * Makes a tiny model of a family with random weights, and compares the engine's answer with the recorded one.
 *
 * @throws AppError `family-check-failed`, and the errors of the engine
 */
export async function checkDescribedFamily(
  family: CheckedFamily,
  dependencies: FamilyCheckDependencies,
  signal: AbortSignal,
): Promise<void> {
  const late = (): AppError => new AppError('family-check-failed', `The check takes longer than ${LIMIT_MS / 1000} s.`)
  const { tokenIds, logprobs } = await withinTime(
    (inTime) => answerOf(family, family.check.tokenIds.length, dependencies, inTime),
    LIMIT_MS,
    late,
    dependencies.clock,
    signal,
  )
  const { check } = family
  const differing = check.tokenIds.findIndex((tokenId, step) => tokenId !== tokenIds[step])
  const worst = Math.max(...check.logprobs.map((logprob, step) => Math.abs(logprob - (logprobs[step] ?? Infinity))))
  if (differing >= 0 || !(worst <= TOLERANCE))
    throw new AppError(
      'family-check-failed',
      differing >= 0
        ? `Its tiny model gives the token ${tokenIds[differing]} in place of ${check.tokenIds[differing]} at step ${differing + 1}.`
        : `The logprobs of its tiny model differ by ${worst.toPrecision(2)} from the recorded ones.`,
      { modelType: family.modelType, tokenIds, logprobs },
    )
}

/** The engine's greedy answer to the prompt of a family's check. */
export async function answerOf(
  { check, ...family }: UnansweredFamily,
  tokens: number,
  { host, clock, log }: FamilyCheckDependencies,
  signal: AbortSignal,
): Promise<FamilyAnswer> {
  const modelDir = await mkdtemp(join(tmpdir(), 'exo-family-'))
  let worker: Worker | null = null
  try {
    await writeFile(join(modelDir, 'config.json'), JSON.stringify({ ...check.config, model_type: family.modelType }))
    worker = await startWorker(
      { label: `check of ${family.modelType}`, entry: host.workerEntry, environment: { EXO_NATIVE_ADDON: host.nativeAddon } },
      { spawn: host.spawn, clock, log, countOutOfMemoryKills },
      signal,
    )
    const layers = asKnownConfig(family, check.config)['num_hidden_layers'] as number
    const spec = ShardSpec.parse({
      modelDir,
      strategy: 'pipeline',
      backend: 'local',
      rank: 0,
      worldSize: 1,
      layers: { start: 0, end: layers },
      contextTokens: CONTEXT_TOKENS,
      dequantize: false,
      threads: 1,
      families: [family],
      randomWeightsSeed: check.seed,
    })
    await worker.load(spec, () => undefined, signal)
    const generation = GenerationSpec.parse({
      generationId: 'check',
      promptTokenIds: check.prompt,
      maxTokens: tokens,
      stopTokenIds: [],
      sampling: { temperature: 0, seed: '0' },
      topLogprobs: 0,
    })
    const sampled: SampledToken[] = []
    for await (const part of worker.generate(generation, signal)) if (part.type === 'token-delta') sampled.push(part.token)
    return { tokenIds: sampled.map(({ tokenId }) => tokenId), logprobs: sampled.map(({ logprob }) => logprob ?? Number.NaN) }
  } finally {
    await worker?.stop()
    await rm(modelDir, { recursive: true, force: true })
  }
}
