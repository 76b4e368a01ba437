import { z } from 'zod'
import { ModelId } from '../ids.ts'
import { CardSampling } from '../inference/sampling.ts'

export const ParallelStrategy = z.enum(['pipeline', 'tensor'])
export type ParallelStrategy = z.infer<typeof ParallelStrategy>

export const Quantization = z.strictObject({
  bits: z.number().min(1).max(8),
  groupSize: z.int().min(1),
  mode: z.string().optional(),
})
export type Quantization = z.infer<typeof Quantization>

/** What placement and people need to know of a model before any of its weights is read. */
export const ModelCard = z.strictObject({
  modelId: ModelId,
  aliases: z.array(z.string().min(1)).default([]),
  /** `model_type` of its config.json. */
  family: z.string().min(1),
  layers: z.int().min(1),
  hiddenSize: z.int().min(1),
  attentionHeads: z.int().min(1),
  kvHeads: z.int().min(1),
  headDim: z.int().min(1),
  /** With latent attention: numbers that a token keeps per layer, on every rank, in place of keys and values of `kvHeads`. */
  kvLatentDim: z.int().min(1).optional(),
  /** Width of the MLP, where the model has one width. */
  intermediateSize: z.int().min(1).optional(),
  /** Width of each expert, where layers have experts. */
  expertWidth: z.int().min(1).optional(),
  /** The first layers, where they have no experts and the others do: a layer's weights against one's of the others. */
  denseLayers: z.strictObject({ count: z.int().min(1), weightRatio: z.number().gt(0) }).optional(),
  /** The head is the embedding: both ends of a pipeline hold a copy. */
  tiedEmbeddings: z.boolean().optional(),
  vocabSize: z.int().min(1),
  /** Size of all weight files. */
  weightBytes: z.int().min(1),
  /** null: not quantized. */
  quantization: Quantization.nullable().default(null),
  contextTokens: z.int().min(1),
  /** How its makers draw its tokens; generation_config.json goes first. */
  sampling: CardSampling.optional(),
  minDevices: z.int().min(1).default(1),
  strategies: z.array(ParallelStrategy).min(1).default(['pipeline']),
  /** Of the hub's repository, where the files are from there: all nodes take them of this commit. */
  hubCommit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
})
export type ModelCard = z.infer<typeof ModelCard>
