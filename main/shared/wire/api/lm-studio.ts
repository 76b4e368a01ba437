import { z } from 'zod'
import { WireModel } from './openai-models.ts'

const LmStudioType = z.enum(['llm', 'embeddings'])

/** A model of LM Studio's API of version 0. */
export const LmStudioModelV0 = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  type: LmStudioType,
  publisher: z.string(),
  arch: z.string(),
  compatibility_type: z.literal('mlx'),
  quantization: z.string(),
  state: z.enum(['loaded', 'loading', 'not-loaded']),
  max_context_length: z.int(),
  loaded_context_length: z.int().optional(),
  capabilities: z.array(z.literal('tool_use')),
})
export type LmStudioModelV0 = z.infer<typeof LmStudioModelV0>
export const LmStudioListV0 = z.strictObject({ object: z.literal('list'), data: z.array(LmStudioModelV0) })

/** A model of LM Studio's API of version 1. */
export const LmStudioModel = z.strictObject({
  type: z.enum(['llm', 'embedding']),
  publisher: z.string(),
  key: z.string(),
  display_name: z.string(),
  architecture: z.string().nullable(),
  quantization: z.strictObject({ name: z.string(), bits_per_weight: z.number() }).nullable(),
  size_bytes: z.int(),
  params_string: z.string().nullable(),
  loaded_instances: z.array(z.strictObject({ id: z.string(), config: z.strictObject({ context_length: z.int() }) })),
  max_context_length: z.int(),
  format: z.literal('mlx'),
  capabilities: z.strictObject({ vision: z.literal(false), trained_for_tool_use: z.boolean() }).optional(),
  description: z.string().nullable(),
})
export type LmStudioModel = z.infer<typeof LmStudioModel>
/** `data` is OpenAI's list: clients of gateways have `/api/v1` for its address too. */
export const LmStudioList = z.strictObject({ models: z.array(LmStudioModel), object: z.literal('list'), data: z.array(WireModel) })

export const LmStudioLoadRequest = z.looseObject({
  model: z.string().min(1),
  /** The context length for loading the model, if it is not loaded yet. */
  context_length: z.int().min(1).nullish(),
  echo_load_config: z.boolean().nullish(),
})
export const LmStudioLoaded = z.strictObject({
  type: z.enum(['llm', 'embedding']),
  instance_id: z.string(),
  load_time_seconds: z.number(),
  status: z.literal('loaded'),
  load_config: z.strictObject({ context_length: z.int() }).optional(),
})
/** `quantization` says which GGUF file to take; models here have one build each, which their name says. */
export const LmStudioDownloadRequest = z.looseObject({ model: z.string().min(1).max(1024), quantization: z.string().nullish() })
/** A download under its id; one of a model that is here already has none. */
export const LmStudioDownload = z.strictObject({
  job_id: z.string().optional(),
  status: z.enum(['downloading', 'paused', 'completed', 'failed', 'already_downloaded']),
  /** Absent until it is known. */
  total_size_bytes: z.number().optional(),
  downloaded_bytes: z.number().optional(),
  /** Why it failed. */
  error: z.string().optional(),
})
export type LmStudioDownload = z.infer<typeof LmStudioDownload>
export const LmStudioUnloadRequest = z.looseObject({ instance_id: z.string().min(1) })
export const LmStudioUnloaded = z.strictObject({ instance_id: z.string() })
