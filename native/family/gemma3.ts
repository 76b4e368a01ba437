import { z } from 'zod'
import { describeDense } from './dense-config.ts'
import { defineFamily, type DecoderDescription, type LayerNorms } from './family.ts'
import { denseFeedForward, type FeedForwardDescription } from './parts/feed-forward.ts'
import { WindowConfig, windowedLayers } from './parts/layer-windows.ts'
import { PLAIN_PLACE, WRAPPED_PLACES } from './parts/module-names.ts'
import { QUERY_KEY_NORMS } from './parts/refuse-other-meaning.ts'
import { planWholeHeads, RopeConfig, ropeOf, type RopeSettings } from './parts/rope-settings.ts'

const Size = z.int().min(1)

/** The text model's keys, with mlx-lm's defaults, since Gemma's configs omit many keys. */
const TextConfig = z.object({
  hidden_size: Size.default(1152),
  num_hidden_layers: Size.default(26),
  intermediate_size: Size.default(6912),
  num_attention_heads: Size.default(4),
  num_key_value_heads: Size.default(1),
  head_dim: Size.default(256),
  rms_norm_eps: z.number().min(0).default(1e-6),
  vocab_size: Size.default(262_144),
  ...RopeConfig.shape,
  query_pre_attn_scalar: z.number().gt(0).default(256),
  /** 0: all positions. */
  sliding_window: z.int().min(0).default(512),
  /** One layer in each group of this many attends to all positions. */
  sliding_window_pattern: Size.nullish(),
  layer_types: WindowConfig.shape.layer_types,
})
type TextConfig = z.infer<typeof TextConfig>

const DEFAULT_PATTERN = 6

export const GEMMA_NORMS: LayerNorms = {
  input: 'input_layernorm',
  attentionOutput: 'post_attention_layernorm',
  feedForward: 'pre_feedforward_layernorm',
  feedForwardOutput: 'post_feedforward_layernorm',
}

/** Gemma 3 as a text model. */
export const gemma3Text = defineFamily({
  modelTypes: ['gemma3_text'],
  reads: QUERY_KEY_NORMS,
  schema: TextConfig,
  describe: (config) => describeText(config, { modelType: 'gemma3_text', places: [PLAIN_PLACE] }),
})

/** Multimodal Gemma 3: only its text model. */
export const gemma3 = defineFamily({
  modelTypes: ['gemma3'],
  reads: QUERY_KEY_NORMS,
  schema: z.object({
    text_config: TextConfig.extend({
      num_attention_heads: Size.default(8),
      num_key_value_heads: Size.default(4),
      vocab_size: Size.nullish(),
    }),
    vocab_size: Size.nullish(),
  }),
  describe({ text_config: text, vocab_size: vocabSize }) {
    const config = { ...text, vocab_size: vocabSize ?? text.vocab_size ?? 262_208 }
    return describeText(config, { modelType: 'gemma3', places: WRAPPED_PLACES })
  },
})

/**
 * Windowed layers have their own theta. Norm weights are offsets from 1, and there are norms before and after both halves of a
 * layer. Tensor parallel: sums over ranks after the attention's output and after the feed-forward's, before their norms.
 */
function describeText(config: TextConfig, names: Pick<DecoderDescription, 'modelType' | 'places'>): DecoderDescription {
  const isWindowed = config.sliding_window_pattern == null ? windowedLayers(config) : null
  const isGlobal = (layer: number) =>
    isWindowed ? !isWindowed[layer] : (layer + 1) % (config.sliding_window_pattern ?? DEFAULT_PATTERN) === 0
  const layers = config.num_hidden_layers
  const localTheta = config.rope_local_base_freq ?? 10_000
  const ropeOfKind = (settings: RopeSettings) => planWholeHeads(settings, { dims: config.head_dim, isInterleaved: false })
  const hasOwnWindowRope = [config.rope_scaling, config.rope_parameters].some((block) => block?.sliding_attention !== undefined)
  return {
    ...describeDense({ ...config, model_type: names.modelType }),
    ...names,
    normOffset: 1,
    norms: GEMMA_NORMS,
    embeddingScale: toBfloat16(Math.sqrt(config.hidden_size)),
    rope: ropeOfKind(ropeOf(config, 1_000_000)),
    windowRope: ropeOfKind(
      hasOwnWindowRope
        ? ropeOf({ ...config, rope_theta: null }, localTheta, 'sliding_attention')
        : { theta: localTheta, scaling: null, turnedPart: null },
    ),
    windowTokens: Array.from({ length: layers }, (_, layer) => (isGlobal(layer) ? 0 : config.sliding_window)),
    attentionScale: config.query_pre_attn_scalar ** -0.5,
    hasQueryKeyNorm: true,
    feedForward: new Array<FeedForwardDescription>(layers).fill(denseFeedForward(config.intermediate_size, { activation: 'gelu-tanh' })),
    isHeadTied: null,
  }
}

/** Rounded to the nearest bfloat16, ties to even: the model was trained with this factor in that type. */
function toBfloat16(value: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer)
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000
  return new Float32Array(Uint32Array.of(rounded).buffer)[0] as number
}
