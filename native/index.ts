import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GenerationSpec, type GenerationEvent } from '../main/shared/inference/generation.ts'
import { TokenVocabulary } from '../main/shared/inference/grammar.ts'
import type { GenerationId } from '../main/shared/ids.ts'
import { ShardSpec, type RingPlace, type ShardInfo, type ShardStats } from '../main/shared/shard.ts'
import type { Binding, BindingProgress, EngineRingPlace, BindingSteps } from './binding.ts'
import { describeDecoder, knownDecoderTypes } from './family/describe-decoder.ts'
import { NativeError } from './native-error.ts'
import { describeEncoder, knownEncoderTypes } from './family/encoder/describe-encoder.ts'
import type { DecoderPlan, EncoderPlan } from './plan/decoder-plan.ts'
import { planDecoder } from './plan/plan-decoder.ts'
import { openEncoderFiles, planEncoder } from './plan/plan-encoder.ts'
import { plannedBytes } from './plan/planned-bytes.ts'
import { NativeShard } from './native-shard.ts'
import { readVocabulary } from './read-vocabulary.ts'
import { openCatalog, parseJson } from './weights/open-catalog.ts'
import { writeRandomWeights } from './weights/write-random-weights.ts'

export { loadBinding, type Binding } from './binding.ts'

/** Every `model_type` that the engine runs. */
export const knownModelTypes: readonly string[] = [...new Set([...knownDecoderTypes, ...knownEncoderTypes])].sort()

/** A loaded shard. */
export interface Shard {
  readonly info: ShardInfo
  /**
   * Rank 0: the tokens of the model, for generations with a grammar.
   * @throws NativeError `shard-closed` | `model-damaged` if the vocabulary is inconsistent
   */
  setVocabulary(vocabulary: TokenVocabulary): void
  /**
   * Rank 0: queues a generation. Its last event is always `generation-end` or `generation-error`.
   * @throws NativeError `shard-closed`
   */
  generate(spec: GenerationSpec, onEvent: (event: GenerationEvent) => void): void
  /** Ends a generation within one step. Has no effect on an unknown or ended one. */
  cancel(generationId: GenerationId): void
  /**
   * Rank 0: loads a complete model that proposes tokens for the generations that name it, and replaces the previous draft. Does
   * nothing if it is already loaded.
   * @throws NativeError `draft-failed`; the shard continues without a draft
   */
  loadDraft(draftId: string, modelDir: string): Promise<void>
  /**
   * Ranks above 0: joins rank 0's steps until rank 0 is idle.
   * @throws NativeError with the cause of the group's failure
   */
  follow(): Promise<void>
  /** On rank 0 of several: called when there is work again, so that the other ranks must be made to follow. */
  onStepsBegin(callback: () => void): void
  /** Once closed, the last known ones. */
  stats(): ShardStats
  /** Also changes within a step. */
  progress(): BindingProgress
  /** The most recent steps of this rank; empty once closed. */
  steps(): BindingSteps
  /** Ends all generations (with the error `shard-closed`) and frees everything. */
  close(): Promise<void>
}

export interface ShardLoadProgress {
  readonly loadedBytes: number
  readonly totalBytes: number
}

/** Options besides `ShardSpec`, for tests and measurements. */
export interface OpenOptions {
  /** Runs MLX's own operations on the CPU, as on a GPU. */
  readonly useArrays?: boolean
  /** With `useArrays`: does not widen half floats, as on a GPU. */
  readonly keepsTypes?: boolean
  /** Counts the cost of each step. */
  readonly countsSteps?: boolean
}

/**
 * Opens a shard. All checks of the caller's input and of the model's folder are made here, so C++ may trust its arguments.
 *
 * @throws NativeError `model-not-found` | `model-damaged` | `model-unsupported` | `strategy-unsupported` | `rank-mismatch` | `group-failed`
 *   | `out-of-memory`
 */
export async function openShard(
  binding: Binding,
  spec: ShardSpec,
  onProgress: (progress: ShardLoadProgress) => void = () => undefined,
  { useArrays = false, keepsTypes = false, countsSteps = false }: OpenOptions = {},
): Promise<Shard> {
  const { modelDir, layers, dequantize, ring, families, randomWeightsSeed, ...settings } = ShardSpec.parse(spec)
  if (settings.rank >= settings.worldSize) {
    throw new NativeError('rank-mismatch', `There is no rank ${settings.rank} among ${settings.worldSize}.`, {
      rank: settings.rank,
      worldSize: settings.worldSize,
    })
  }
  const [config, configPath] = await readConfig(modelDir)
  const { description, ...plans } = await planModel(
    modelDir,
    config,
    configPath,
    { ...settings, layers, dequantize },
    { families, randomWeightsSeed },
  )
  const weightBytes = plannedBytes(plans)
  const shard = new NativeShard(
    binding,
    { ...settings, ring: ring ? withKeyBytes(ring) : null, ...plans, useArrays, keepsTypes, countsSteps },
    (loadedBytes) => onProgress({ loadedBytes, totalBytes: weightBytes }),
  )
  const loaded = await shard.loaded
  onProgress({ loadedBytes: weightBytes, totalBytes: weightBytes })
  const info: ShardInfo = {
    modelType: description.modelType,
    layers: layers.end - layers.start,
    vocabSize: description.vocabSize,
    weightBytes,
    residentBytes: loaded.residentBytes,
    loadMs: loaded.loadMs,
    device: loaded.device,
  }
  let draft: { readonly id: string; readonly loaded: Promise<void> } | null = null
  const loadDraft = (id: string, draftDir: string): Promise<void> => {
    if (draft?.id === id) return draft.loaded
    const loading = { id, loaded: planDraft(draftDir, dequantize, families).then((plan) => shard.loadDraft(id, plan)) }
    draft = loading
    loading.loaded.catch(() => {
      if (draft === loading) draft = null
    })
    return loading.loaded
  }
  return {
    info,
    setVocabulary: (vocabulary) => shard.setVocabulary(readVocabulary(TokenVocabulary.parse(vocabulary))),
    generate: (generation, onEvent) => shard.generate(GenerationSpec.parse(generation), onEvent),
    cancel: (generationId) => shard.cancel(generationId),
    loadDraft,
    follow: () => shard.follow(),
    onStepsBegin: (callback) => shard.onStepsBegin(callback),
    stats: () => shard.stats(),
    progress: () => shard.progress(),
    steps: () => shard.steps(),
    close: () => shard.close(),
  }
}

interface ModelPlans {
  readonly description: { readonly modelType: string; readonly vocabSize: number }
  readonly decoder: DecoderPlan | null
  readonly encoder: EncoderPlan | null
}

async function planModel(
  modelDir: string,
  config: Readonly<Record<string, unknown>>,
  configPath: string,
  place: Parameters<typeof planDecoder>[2],
  { families, randomWeightsSeed }: Pick<ShardSpec, 'families' | 'randomWeightsSeed'>,
): Promise<ModelPlans> {
  const quantization = config['quantization_config']
  const encoder = describeEncoder(config, configPath)
  if (encoder) {
    if (place.worldSize > 1) throw new NativeError('strategy-unsupported', 'An encoder runs on one node only.', { ranks: place.worldSize })
    const files = await openEncoderFiles(modelDir, quantization)
    return { description: encoder, decoder: null, encoder: planEncoder(encoder, files) }
  }
  const description = describeDecoder(config, configPath, families, knownEncoderTypes)
  if (randomWeightsSeed !== null) await writeRandomWeights(modelDir, description, randomWeightsSeed)
  return { description, decoder: planDecoder(description, await openCatalog(modelDir, quantization), place), encoder: null }
}

function withKeyBytes({ before, after, ...ports }: RingPlace): EngineRingPlace {
  const bytesOf = (key: string): Uint8Array => Uint8Array.from(Buffer.from(key, 'hex'))
  return { ...ports, before: { ...before, key: bytesOf(before.key) }, after: { ...after, key: bytesOf(after.key) } }
}

async function planDraft(modelDir: string, dequantize: boolean, families: ShardSpec['families']): Promise<DecoderPlan> {
  try {
    const [config, configPath] = await readConfig(modelDir)
    const description = describeDecoder(config, configPath, families)
    return planDecoder(description, await openCatalog(modelDir, config['quantization_config']), {
      strategy: 'pipeline',
      rank: 0,
      worldSize: 1,
      layers: { start: 0, end: description.layers },
      dequantize,
    })
  } catch (cause) {
    if (!(cause instanceof NativeError)) throw cause
    throw new NativeError(
      'draft-failed',
      `The draft model cannot be loaded: ${cause.message}`,
      { ...cause.details, causeCode: cause.code },
      cause,
    )
  }
}

async function readConfig(modelDir: string): Promise<[config: Readonly<Record<string, unknown>>, path: string]> {
  const path = join(modelDir, 'config.json')
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new NativeError('model-not-found', `There is no model in ${modelDir}: it has no config.json.`, { modelDir }, cause)
  })
  return [parseJson(path, text, z.record(z.string(), z.unknown())), path]
}
