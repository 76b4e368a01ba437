import { z } from 'zod'
import type { ModelCard } from '../../shared/models/model-card.ts'

/** The fields of config.json that give the layers which see only the last tokens; families name them differently. */
const Config = z.object({
  num_hidden_layers: z.int().min(1),
  layer_types: z.array(z.string()).nullish(),
  hybrid_layer_pattern: z.array(z.int()).nullish(),
  sliding_window: z.int().min(0).nullish(),
  sliding_window_size: z.int().min(0).nullish(),
  kv_source_layer_ids: z.array(z.int()).nullish(),
  compress_ratios: z.array(z.int()).nullish(),
  num_kv_shared_layers: z.int().min(0).nullish(),
  sliding_window_pattern: z.union([z.int().min(1), z.string()]).nullish(),
})
type Config = z.infer<typeof Config>

/** The last layers of Gemma 4 attend to keys and values of earlier ones. */
const hasOwnKeys = ({ num_hidden_layers: layers, num_kv_shared_layers: shared }: Config, layer: number): boolean =>
  layer < layers - (shared ?? 20)

interface Sliding {
  /** Whether a layer has a window; undefined: the config does not say. */
  readonly isWindowed: (config: Config, layer: number) => boolean | undefined
  /** Used if the config gives no window size. */
  readonly windowTokens: number
}

const byTypes = ({ layer_types: types }: Config, layer: number): boolean | undefined =>
  types ? types[layer] === 'sliding_attention' : undefined
/** All layers except every n-th. */
const byPeriod =
  (period: number) =>
  ({ sliding_window_pattern: pattern }: Config, layer: number): boolean =>
    (layer + 1) % (typeof pattern === 'number' ? pattern : period) !== 0
const named: Sliding = { isWindowed: byTypes, windowTokens: 0 }
const gemma3: Sliding = {
  isWindowed: (config, layer) => (config.sliding_window_pattern == null ? byTypes(config, layer) : undefined) ?? byPeriod(6)(config, layer),
  windowTokens: 512,
}

const gemma4: Sliding = {
  isWindowed: (config, layer) => hasOwnKeys(config, layer) && (byTypes(config, layer) ?? byPeriod(5)(config, layer)),
  windowTokens: 512,
}

/** Families whose layers have windows in the engine too, by `model_type`. */
const FAMILIES: Readonly<Record<string, Sliding>> = {
  llama: named,
  mistral: named,
  gemma3,
  gemma3_text: gemma3,
  gpt_oss: { isWindowed: (config, layer) => byTypes(config, layer) ?? layer % 2 === 0, windowTokens: 128 },
  olmo3: { isWindowed: (config, layer) => byTypes(config, layer) ?? byPeriod(4)(config, layer), windowTokens: 4096 },
  cohere2: { isWindowed: byPeriod(4), windowTokens: 4096 },
  exaone4: {
    isWindowed: ({ sliding_window_pattern: pattern }, layer) =>
      typeof pattern === 'string' && pattern !== '' && pattern[layer % pattern.length] === 'L',
    windowTokens: 0,
  },
  // Layers that pool groups of tokens keep them all; the others keep no more than their window.
  deepseek_v4: { isWindowed: ({ compress_ratios: groups }, layer) => groups?.[layer] === 0, windowTokens: 128 },
  deepseek_v41: { isWindowed: ({ kv_source_layer_ids: pools }, layer) => !pools?.includes(layer), windowTokens: 128 },
  exaone_moe: named,
  gemma4: gemma4,
  gemma4_text: gemma4,
  step3p5: { isWindowed: (config, layer) => byTypes(config, layer) ?? layer % 2 === 0, windowTokens: 512 },
  afmoe: { isWindowed: byTypes, windowTokens: 2048 },
  ministral3: named,
  mellum: named,
  laguna: { isWindowed: byTypes, windowTokens: 512 },
  mimo_v2_flash: { isWindowed: ({ hybrid_layer_pattern: pattern }, layer) => pattern?.[layer] === 1, windowTokens: 0 },
}

/**
 * The layers of a model whose KV cache drops tokens that no later token sees; undefined if all layers keep everything,
 * or if the family is not known to drop any.
 */
export function slidingLayersOf(family: string, config: unknown): ModelCard['slidingLayers'] {
  const sliding = FAMILIES[family]
  const parsed = Config.safeParse(config)
  if (!sliding || !parsed.success) return undefined
  const { data } = parsed
  const windowTokens = data.sliding_window ?? data.sliding_window_size ?? sliding.windowTokens
  const count = Array.from({ length: data.num_hidden_layers }, (_, layer) => sliding.isWindowed(data, layer)).filter(Boolean).length
  return count > 0 && windowTokens > 0 ? { count, windowTokens } : undefined
}
