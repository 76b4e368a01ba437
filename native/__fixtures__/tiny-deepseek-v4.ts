import { bytesOf, writeModel, type RawTensor } from './write-model.ts'
import type { TinyModel } from './tiny-model.ts'

const HIDDEN = 96
const VOCABULARY = 256
const HEADS = 4
const HEAD = 64
const QUERY = 64
const GROUPS = 2
const NARROW = 32
const EXPERTS = 8
const CHOSEN = 2
const WIDTH = 64
const STREAMS = 4
const INDEX_HEADS = 4
const INDEX = 32
const MIXES = STREAMS * (2 + STREAMS)

const config = {
  model_type: 'deepseek_v4',
  hidden_size: HIDDEN,
  vocab_size: VOCABULARY,
  num_hidden_layers: 6,
  num_attention_heads: HEADS,
  num_key_value_heads: 1,
  head_dim: HEAD,
  q_lora_rank: QUERY,
  qk_rope_head_dim: 16,
  o_groups: GROUPS,
  o_lora_rank: NARROW,
  moe_intermediate_size: WIDTH,
  n_routed_experts: EXPERTS,
  n_shared_experts: 1,
  num_experts_per_tok: CHOSEN,
  num_hash_layers: 2,
  scoring_func: 'sqrtsoftplus',
  swiglu_limit: 1,
  sliding_window: 16,
  // A window alone, large groups, and small ones with an index, one layer of which holds more groups than it sees.
  compress_ratios: [0, 128, 4, 4, 128, 0, 0],
  compress_rope_theta: 160_000,
  rope_theta: 10_000,
  rope_scaling: { type: 'yarn', factor: 16, original_max_position_embeddings: 64, beta_fast: 32, beta_slow: 1 },
  index_n_heads: INDEX_HEADS,
  index_head_dim: INDEX,
  index_topk: 6,
  hc_mult: STREAMS,
  hc_sinkhorn_iters: 20,
  hc_eps: 1e-6,
  rms_norm_eps: 1e-6,
  max_position_embeddings: 2048,
  tie_word_embeddings: false,
}

/** Numbers between -1 and 1, the same for the same name. */
function randomOf(name: string): () => number {
  let state = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619), 2_166_136_261)
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 31 - 1
  }
}

/** @param spread of the numbers around `middle` */
function floats(name: string, shape: readonly number[], spread: number, middle = 0): RawTensor {
  const next = randomOf(name)
  const numbers = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => middle + spread * next())
  return { name, dtype: 'F32', shape, bytes: bytesOf(numbers) }
}

/** A product that keeps the size of what it multiplies. */
const matrix = (name: string, ...shape: readonly number[]) => floats(`${name}.weight`, shape, (3 / (shape.at(-1) as number)) ** 0.5)
const norm = (name: string, size: number) => floats(`${name}.weight`, [size], 0.2, 1)

function pool(name: string, tokens: number, dim: number): RawTensor[] {
  const outputs = tokens === 4 ? 2 * dim : dim
  return [
    matrix(`${name}.wkv`, outputs, HIDDEN),
    matrix(`${name}.wgate`, outputs, HIDDEN),
    floats(`${name}.ape`, [tokens, outputs], 0.5),
    norm(`${name}.norm`, dim),
  ]
}

function expertsByToken(name: string): RawTensor {
  const next = randomOf(name)
  const place = (count: number) => Math.floor(((next() + 1) / 2) * count) % count
  const pairs = Array.from({ length: VOCABULARY }, () => {
    const first = place(EXPERTS)
    return [first, (first + 1 + place(EXPERTS - 1)) % EXPERTS]
  })
  return { name, dtype: 'I32', shape: [VOCABULARY, CHOSEN], bytes: bytesOf(Int32Array.from(pairs.flat())) }
}

const mix = (name: string) => [
  floats(`${name}.fn`, [MIXES, STREAMS * HIDDEN], (3 / (STREAMS * HIDDEN)) ** 0.5),
  floats(`${name}.base`, [MIXES], 0.2),
  floats(`${name}.scale`, [3], 0.2, 1),
]

function layerTensors(layer: number): RawTensor[] {
  const prefix = `model.layers.${layer}`
  const attention = `${prefix}.attn`
  const tokens = config.compress_ratios[layer] ?? 0
  return [
    norm(`${prefix}.attn_norm`, HIDDEN),
    norm(`${prefix}.ffn_norm`, HIDDEN),
    ...mix(`${prefix}.attn_hc`),
    ...mix(`${prefix}.ffn_hc`),
    matrix(`${attention}.wq_a`, QUERY, HIDDEN),
    norm(`${attention}.q_norm`, QUERY),
    matrix(`${attention}.wq_b`, HEADS * HEAD, QUERY),
    matrix(`${attention}.wkv`, HEAD, HIDDEN),
    norm(`${attention}.kv_norm`, HEAD),
    matrix(`${attention}.wo_a`, GROUPS, NARROW, (HEADS / GROUPS) * HEAD),
    matrix(`${attention}.wo_b`, HIDDEN, GROUPS * NARROW),
    floats(`${attention}.attn_sink`, [HEADS], 1),
    ...(tokens > 0 ? pool(`${attention}.compressor`, tokens, HEAD) : []),
    ...(tokens === 4
      ? [
          matrix(`${attention}.indexer.wq_b`, INDEX_HEADS * INDEX, QUERY),
          matrix(`${attention}.indexer.weights_proj`, INDEX_HEADS, HIDDEN),
          ...pool(`${attention}.indexer.compressor`, tokens, INDEX),
        ]
      : []),
    matrix(`${prefix}.ffn.gate`, EXPERTS, HIDDEN),
    layer < config.num_hash_layers
      ? expertsByToken(`${prefix}.ffn.gate.tid2eid`)
      : floats(`${prefix}.ffn.gate.e_score_correction_bias`, [EXPERTS], 0.2),
    ...['gate_proj', 'up_proj'].flatMap((name) => [
      matrix(`${prefix}.ffn.switch_mlp.${name}`, EXPERTS, WIDTH, HIDDEN),
      matrix(`${prefix}.ffn.shared_experts.${name}`, WIDTH, HIDDEN),
    ]),
    matrix(`${prefix}.ffn.switch_mlp.down_proj`, EXPERTS, HIDDEN, WIDTH),
    matrix(`${prefix}.ffn.shared_experts.down_proj`, HIDDEN, WIDTH),
  ]
}

/** A tiny DeepSeek V4. native/parity/record_deepseek_v4.py records another program's answers on it. */
export function writeTinyDeepSeekV4(): TinyModel {
  return writeModel(
    [
      floats('model.embed_tokens.weight', [VOCABULARY, HIDDEN], 1),
      ...Array.from({ length: config.num_hidden_layers }, (_, layer) => layerTensors(layer)).flat(),
      norm('model.norm', HIDDEN),
      floats('model.hc_head.fn', [STREAMS, STREAMS * HIDDEN], (3 / (STREAMS * HIDDEN)) ** 0.5),
      floats('model.hc_head.base', [STREAMS], 0.2),
      floats('model.hc_head.scale', [1], 0.2, 1),
      floats('lm_head.weight', [VOCABULARY, HIDDEN], 5 * (3 / HIDDEN) ** 0.5),
    ],
    config,
  )
}
