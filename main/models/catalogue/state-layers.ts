import { z } from 'zod'
import type { ModelCard } from '../../shared/models/model-card.ts'

/** States are floats of 32 bits on every device. */
const STATE_ELEMENT_BYTES = 4

const Size = z.int().min(1)
const Types = z.array(z.string()).nullish()
const DeltaNet = z.object({
  num_hidden_layers: Size,
  full_attention_interval: Size.default(4),
  linear_num_value_heads: Size,
  linear_num_key_heads: Size,
  linear_key_head_dim: Size,
  linear_value_head_dim: Size,
  linear_conv_kernel_dim: Size,
})
const KimiLinear = z.object({
  linear_attn_config: z.object({ kda_layers: z.array(Size), num_heads: Size, head_dim: Size, short_conv_kernel_size: Size.default(4) }),
})
const Nemotron = z.object({
  hybrid_override_pattern: z.union([z.string(), z.array(z.string())]).nullish(),
  layers_block_type: Types,
  layer_types: Types,
  mamba_num_heads: Size,
  mamba_head_dim: Size,
  ssm_state_size: Size,
  conv_kernel: Size,
  n_groups: Size,
})
const Mamba = z.object({
  mamba_n_heads: Size,
  mamba_d_head: Size,
  mamba_d_state: Size,
  mamba_d_conv: Size,
  mamba_n_groups: Size.default(1),
})
const Granite = Mamba.extend({ layer_types: z.array(z.string()) })
const Falcon = Mamba.extend({ num_hidden_layers: Size })
const Lfm2 = z.object({
  num_hidden_layers: Size,
  hidden_size: Size,
  conv_L_cache: Size,
  full_attn_idxs: z.array(z.int()).nullish(),
  layer_types: Types,
})
const Ling = z.object({
  num_hidden_layers: Size,
  layer_group_size: Size,
  num_attention_heads: Size,
  hidden_size: Size,
  head_dim: Size.nullish(),
})

const Gemma4 = z.object({ num_hidden_layers: Size, num_kv_shared_layers: z.int().min(0).default(20) })

interface Layers {
  /** Layers that keep a state. */
  readonly states: number
  /** Layers without keys and values. */
  readonly count: number
  /** The numbers that such a layer keeps for a sequence: its matrices, and the last inputs of its convolution. */
  readonly numbers: number
}

const layersFrom = (count: number, keepsState: (layer: number) => boolean): number =>
  Array.from({ length: count }, (_, layer) => keepsState(layer)).filter(Boolean).length

const mambaNumbers = (heads: number, headDim: number, state: number, kernel: number, groups: number): number =>
  heads * headDim * state + (kernel - 1) * (heads * headDim + 2 * groups * state)

function deltaNets(config: unknown): Layers {
  const {
    num_hidden_layers: layers,
    full_attention_interval: interval,
    linear_num_value_heads: values,
    linear_num_key_heads: keys,
    linear_key_head_dim: keyDim,
    linear_value_head_dim: valueDim,
    linear_conv_kernel_dim: kernel,
  } = DeltaNet.parse(config)
  const states = layersFrom(layers, (layer) => (layer + 1) % interval !== 0)
  return { states, count: states, numbers: values * valueDim * keyDim + (kernel - 1) * (2 * keys * keyDim + values * valueDim) }
}

function kimiLinear(config: unknown): Layers {
  const { kda_layers, num_heads: heads, head_dim: dim, short_conv_kernel_size: kernel } = KimiLinear.parse(config).linear_attn_config
  return { states: kda_layers.length, count: kda_layers.length, numbers: heads * dim * dim + (kernel - 1) * 3 * heads * dim }
}

function nemotron(config: unknown): Layers {
  const parsed = Nemotron.parse(config)
  const kinds = [...(parsed.hybrid_override_pattern ?? parsed.layers_block_type ?? parsed.layer_types ?? [])]
  const states = kinds.filter((kind) => ['M', 'mamba', 'conv', 'linear_attention'].includes(kind)).length
  const attention = kinds.filter((kind) => ['*', 'attention', 'full_attention'].includes(kind)).length
  const { mamba_num_heads: heads, mamba_head_dim: dim, ssm_state_size: state, conv_kernel: kernel, n_groups: groups } = parsed
  return { states, count: kinds.length - attention, numbers: mambaNumbers(heads, dim, state, kernel, groups) }
}

function ofMamba(parsed: z.infer<typeof Mamba>, states: number, count: number): Layers {
  const { mamba_n_heads: heads, mamba_d_head: dim, mamba_d_state: state, mamba_d_conv: kernel, mamba_n_groups: groups } = parsed
  return { states, count, numbers: mambaNumbers(heads, dim, state, kernel, groups) }
}

function granite(config: unknown): Layers {
  const parsed = Granite.parse(config)
  const states = parsed.layer_types.filter((type) => type === 'mamba').length
  return ofMamba(parsed, states, states)
}

/** Each layer has attention too. */
function falcon(config: unknown): Layers {
  const parsed = Falcon.parse(config)
  return ofMamba(parsed, parsed.num_hidden_layers, 0)
}

function lfm2(config: unknown): Layers {
  const {
    num_hidden_layers: layers,
    hidden_size: channels,
    conv_L_cache: kernel,
    full_attn_idxs: whole,
    layer_types: types,
  } = Lfm2.parse(config)
  const states = layersFrom(layers, (layer) => (whole ? !whole.includes(layer) : types?.[layer] !== 'full_attention'))
  return { states, count: states, numbers: (kernel - 1) * channels }
}

const ling =
  (hasOwnHeadDim: boolean) =>
  (config: unknown): Layers => {
    const {
      num_hidden_layers: layers,
      layer_group_size: group,
      num_attention_heads: heads,
      hidden_size: hidden,
      head_dim,
    } = Ling.parse(config)
    const dim = (hasOwnHeadDim ? head_dim : null) ?? hidden / heads
    const states = layersFrom(layers, (layer) => (layer + 1) % group !== 0 && layer < Math.floor(layers / group) * group)
    return { states, count: states, numbers: heads * dim * dim }
  }

/** The last layers attend to keys and values of earlier ones. */
function gemma4(config: unknown): Layers {
  const { num_hidden_layers: layers, num_kv_shared_layers: shared } = Gemma4.parse(config)
  return { states: 0, count: Math.min(shared, layers), numbers: 0 }
}

const FAMILIES: Readonly<Record<string, (config: unknown) => Layers>> = {
  gemma4,
  gemma4_text: gemma4,
  qwen3_next: deltaNets,
  qwen3_5: deltaNets,
  qwen3_5_text: deltaNets,
  qwen3_5_moe: deltaNets,
  qwen3_5_moe_text: deltaNets,
  kimi_linear: kimiLinear,
  nemotron_h: nemotron,
  granitemoehybrid: granite,
  falcon_h1: falcon,
  lfm2,
  lfm2_moe: lfm2,
  bailing_moe_linear: ling(false),
  bailing_hybrid: ling(true),
}

/** What a model keeps of a sequence besides keys and values; undefined if nothing, or if its config.json does not say. */
export function stateLayersOf(family: string, config: unknown): ModelCard['stateLayers'] {
  const layersOf = FAMILIES[family]
  if (!layersOf) return undefined
  try {
    const { states, count, numbers } = layersOf(config)
    return states > 0 || count > 0 ? { count, sequenceBytes: states * numbers * STATE_ELEMENT_BYTES } : undefined
  } catch (error) {
    // The engine names what is missing when it loads the model.
    if (error instanceof z.ZodError) return undefined
    throw error
  }
}
