/** The facts of config.json with which weights are counted, by the names that they have there. */
type Config = Readonly<Record<string, unknown>>

export interface WeightCount {
  /** The matrices of the routed experts. */
  readonly experts: number
  /** All other matrices. Norms, biases and convolutions, a few thousandths of a model, are left out. */
  readonly others: number
}

type Numbers = (name: string) => number

/** The matrices of a language model, counted from its sizes and independently of the engine; undefined for other families. */
export function countWeights(config: Config): WeightCount | undefined {
  const family = String(config['model_type'])
  const count = FAMILIES[family]
  if (!count) return undefined
  const flat = { ...config, ...(config['text_config'] as Config | undefined) }
  const number: Numbers = (name) => Number(flat[name] ?? 0)
  const tables = (flat['tie_word_embeddings'] === true ? 1 : 2) * number('vocab_size') * number('hidden_size')
  const { experts, others } = count(number, flat)
  return { experts, others: others + tables }
}

/** A gate, an up and a down projection. */
const gated = (n: Numbers, width: number): number => 3 * n('hidden_size') * width
const sumOf = (count: number, weights: (layer: number) => number): number =>
  Array.from({ length: count }, (_, layer) => weights(layer)).reduce((sum, each) => sum + each, 0)

/** Gated delta nets, with full attention in every fourth layer; queries have a gate of their size. */
function deltaNets(n: Numbers): WeightCount {
  const [hidden, layers, heads, dim] = [n('hidden_size'), n('num_hidden_layers'), n('num_attention_heads'), n('head_dim')]
  const full = hidden * dim * (2 * heads + 2 * n('num_key_value_heads') + heads)
  const [keys, values] = [n('linear_num_key_heads') * n('linear_key_head_dim'), n('linear_num_value_heads') * n('linear_value_head_dim')]
  const linear = hidden * (2 * keys + 3 * values + 2 * n('linear_num_value_heads'))
  const attention = (layers / 4) * (full + 3 * linear)
  if (n('num_experts') === 0) return { experts: 0, others: attention + layers * gated(n, n('intermediate_size')) }
  const shared = gated(n, n('shared_expert_intermediate_size')) + hidden * (n('num_experts') + 1)
  return { experts: layers * n('num_experts') * gated(n, n('moe_intermediate_size')), others: attention + layers * shared }
}

/** Attention over latent keys and values, with an index in some families. */
function latentAttention(n: Numbers): WeightCount {
  const [hidden, layers, heads] = [n('hidden_size'), n('num_hidden_layers'), n('num_attention_heads')]
  const [plain, turned, value, queries, latent] = [
    n('qk_nope_head_dim'),
    n('qk_rope_head_dim'),
    n('v_head_dim'),
    n('q_lora_rank'),
    n('kv_lora_rank'),
  ]
  const index = n('index_n_heads') * (queries * n('index_head_dim') + hidden) + hidden * n('index_head_dim')
  const attention =
    queries * (hidden + heads * (plain + turned)) + hidden * (latent + turned) + latent * heads * (plain + value) + heads * value * hidden
  const dense = n('first_k_dense_replace')
  const expert = gated(n, n('moe_intermediate_size'))
  return {
    experts: (layers - dense) * n('n_routed_experts') * expert,
    others:
      layers * (attention + index) +
      dense * gated(n, n('intermediate_size')) +
      (layers - dense) * (n('n_shared_experts') * expert + hidden * n('n_routed_experts')),
  }
}

/** One key for all heads, groups of 4 tokens with an index or of 128, and results that are narrowed by groups of heads. */
function tokenGroups(n: Numbers, config: Config): WeightCount {
  const [hidden, layers, dim, queries, index] = [
    n('hidden_size'),
    n('num_hidden_layers'),
    n('head_dim'),
    n('q_lora_rank'),
    n('index_head_dim'),
  ]
  const inner = n('num_attention_heads') * dim
  const attention = queries * (hidden + inner) + hidden * dim + n('o_lora_rank') * (inner + n('o_groups') * hidden)
  const ofGroups: Readonly<Record<number, number>> = {
    4: 4 * hidden * (dim + index) + n('index_n_heads') * (queries * index + hidden),
    128: 2 * hidden * dim,
  }
  const expert = gated(n, n('moe_intermediate_size'))
  return {
    experts: layers * n('n_routed_experts') * expert,
    others:
      layers * (attention + n('n_shared_experts') * expert + hidden * n('n_routed_experts')) +
      sumOf(layers, (layer) => ofGroups[(config['compress_ratios'] as number[])[layer] ?? 0] ?? 0),
  }
}

/** Windows and wide heads by layer, keys that are values, embeddings per layer, and layers that use the keys of others. */
function gemma4(n: Numbers, config: Config): WeightCount {
  const [hidden, layers, heads, perLayer] = [
    n('hidden_size'),
    n('num_hidden_layers'),
    n('num_attention_heads'),
    n('hidden_size_per_layer_input'),
  ]
  const firstShared = layers - n('num_kv_shared_layers')
  const layer = (index: number): number => {
    const isFull = (config['layer_types'] as string[])[index] === 'full_attention'
    const dim = isFull ? n('global_head_dim') : n('head_dim')
    const keyHeads = (isFull && n('num_global_key_value_heads')) || n('num_key_value_heads')
    const keyTables = index >= firstShared ? 0 : isFull && config['attention_k_eq_v'] === true ? 1 : 2
    const isWide = config['use_double_wide_mlp'] === true && index >= firstShared
    return (
      hidden * dim * (2 * heads + keyTables * keyHeads) +
      gated(n, n('intermediate_size') * (isWide ? 2 : 1)) +
      hidden * n('num_experts') +
      2 * hidden * perLayer
    )
  }
  const ofInputs = layers * perLayer * (n('vocab_size_per_layer_input') + hidden)
  return { experts: layers * n('num_experts') * gated(n, n('moe_intermediate_size')), others: sumOf(layers, layer) + ofInputs }
}

/** Windowed layers have more heads; each head has a gate. */
function step(n: Numbers, config: Config): WeightCount {
  const DENSE_LAYERS = 3
  const [hidden, layers, dim] = [n('hidden_size'), n('num_hidden_layers'), n('head_dim')]
  const windowed = Number((config['attention_other_setting'] as Config)['num_attention_heads'])
  const attention = sumOf(layers, (layer) => {
    const heads = (config['layer_types'] as string[])[layer] === 'full_attention' ? n('num_attention_heads') : windowed
    return 2 * hidden * dim * (heads + n('num_attention_groups')) + hidden * heads
  })
  const expertLayers = layers - DENSE_LAYERS
  return {
    experts: expertLayers * n('moe_num_experts') * gated(n, n('moe_intermediate_size')),
    others:
      attention +
      DENSE_LAYERS * gated(n, n('intermediate_size')) +
      expertLayers * (gated(n, n('share_expert_dim')) + hidden * n('moe_num_experts')),
  }
}

/** Each layer is a Mamba 2 mixer, attention, an MLP without a gate, or experts. */
function nemotron(n: Numbers, config: Config): WeightCount {
  const [hidden, dim] = [n('hidden_size'), n('head_dim')]
  const inner = n('mamba_num_heads') * n('mamba_head_dim')
  const weightsOf: Readonly<Record<string, number>> = {
    M: hidden * (3 * inner + 2 * n('n_groups') * n('ssm_state_size') + n('mamba_num_heads')),
    '*': 2 * hidden * dim * (n('num_attention_heads') + n('num_key_value_heads')),
    '-': 2 * hidden * n('intermediate_size'),
    E: hidden * (2 * n('moe_shared_expert_intermediate_size') + n('n_routed_experts')),
  }
  const kinds = [...String(config['hybrid_override_pattern'])]
  const expertLayers = kinds.filter((kind) => kind === 'E').length
  return {
    experts: expertLayers * n('n_routed_experts') * 2 * hidden * n('moe_intermediate_size'),
    others: sumOf(kinds.length, (layer) => weightsOf[kinds[layer] ?? ''] ?? 0),
  }
}

function dense(n: Numbers): WeightCount {
  const attention = 2 * n('hidden_size') * n('head_dim') * (n('num_attention_heads') + n('num_key_value_heads'))
  return { experts: 0, others: n('num_hidden_layers') * (attention + gated(n, n('intermediate_size'))) }
}

const FAMILIES: Readonly<Record<string, (n: Numbers, config: Config) => WeightCount>> = {
  qwen3_next: deltaNets,
  qwen3_5: deltaNets,
  qwen3_5_moe: deltaNets,
  qwen3_vl: dense,
  glm4_moe_lite: latentAttention,
  glm_moe_dsa: latentAttention,
  deepseek_v32: latentAttention,
  kimi_k2: latentAttention,
  kimi_k25: latentAttention,
  deepseek_v4: tokenGroups,
  gemma4,
  step3p5: step,
  nemotron_h: nemotron,
}
