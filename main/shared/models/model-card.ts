import { z } from 'zod'
import { isModelName, ModelId } from '../ids.ts'
import { CardSampling } from '../inference/sampling.ts'
import { ModelCapability } from './model-capability.ts'

export const ParallelStrategy = z.enum(['pipeline', 'tensor'])
export type ParallelStrategy = z.infer<typeof ParallelStrategy>

const Quantization = z.strictObject({
  bits: z.number().min(1).max(8),
  groupSize: z.int().min(1),
  mode: z.string().optional(),
})
export type Quantization = z.infer<typeof Quantization>

/** What a model is for, if not for text. */
export const ModelPurpose = z.enum(['embeddings', 'rerank'])
export type ModelPurpose = z.infer<typeof ModelPurpose>

/** Facts about a model for placement and display, known before any weights are read. */
export const ModelCard = z.strictObject({
  modelId: ModelId,
  aliases: z.array(z.string().min(1)).default([]),
  /** `model_type` of its config.json. */
  family: z.string().min(1).refine(isModelName, 'it is not a valid family'),
  layers: z.int().min(1),
  hiddenSize: z.int().min(1),
  attentionHeads: z.int().min(1),
  kvHeads: z.int().min(1),
  headDim: z.int().min(1),
  /** Latent attention only: values cached per token and layer on every rank, instead of the keys and values of `kvHeads`. */
  kvLatentDim: z.int().min(1).optional(),
  /** Width of the MLP, if it is the same in all layers. */
  intermediateSize: z.int().min(1).optional(),
  /** Width of each expert, if layers have experts. */
  expertWidth: z.int().min(1).optional(),
  /** How many experts a layer has, and how many of them each token uses. */
  experts: z.strictObject({ count: z.int().min(1), perToken: z.int().min(1) }).optional(),
  /** The first layers, if they have no experts while the others do: the weight of one of them relative to one of the others. */
  denseLayers: z.strictObject({ count: z.int().min(1), weightRatio: z.number().gt(0) }).optional(),
  /** Layers that see only the last tokens, and keep only those. */
  slidingLayers: z.strictObject({ count: z.int().min(1), windowTokens: z.int().min(1) }).optional(),
  /** Numbers that a layer without a window stores per token, where its heads differ from those that `kvHeads` and `headDim` describe. */
  fullLayerNumbers: z.int().min(1).optional(),
  /**
   * Layers without keys and values of their own, most of which keep a state of the last token instead: their number, and the bytes
   * that all of the model's states take for one sequence, however long it is.
   */
  stateLayers: z.strictObject({ count: z.int().min(0), sequenceBytes: z.int().min(0) }).optional(),
  /** The head is the embedding: both ends of a pipeline hold a copy. */
  tiedEmbeddings: z.boolean().optional(),
  /** Absent: it generates text. */
  purpose: ModelPurpose.optional(),
  /** It has no cache and runs on one node. */
  isEncoder: z.boolean().optional(),
  vocabSize: z.int().min(1),
  /** Size of all weight files. */
  weightBytes: z.int().min(1),
  /** null: not quantized. */
  quantization: Quantization.nullable().default(null),
  contextTokens: z.int().min(1),
  /** The sampling settings recommended by the model's authors; generation_config.json takes precedence. */
  sampling: CardSampling.optional(),
  /** What the model can do, for as long as its files are not here to say. */
  capabilities: z.array(ModelCapability).optional(),
  /** The original model also takes images or sound; here it takes text only. */
  isMultimodal: z.boolean().optional(),
  /** An SPDX identifier, or the hub's name for another license. */
  license: z.string().min(1).max(64).optional(),
  minDevices: z.int().min(1).default(1),
  strategies: z.array(ParallelStrategy).min(1).default(['pipeline']),
  /** The commit of the hub repository, if the files are from there; all nodes use this commit. */
  hubCommit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
})
export type ModelCard = z.infer<typeof ModelCard>
