import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomSafetensors, type TensorSpec } from '../../main/shared/models/random-safetensors.ts'

interface TinyEncoder {
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: readonly TensorSpec[]
  /** Dense layers after the pooling: inputs and outputs. */
  readonly dense?: readonly (readonly [inputs: number, outputs: number])[]
}

const HIDDEN = 48
const INNER = 80
const HEADS = 4
const VOCABULARY = 120
const LAYERS = 3

const linear = (name: string, outputs: number, inputs: number, hasBias = true): TensorSpec[] => [
  { name: `${name}.weight`, shape: [outputs, inputs] },
  ...(hasBias ? [{ name: `${name}.bias`, shape: [outputs] }] : []),
]
const norm = (name: string, hasBias = true): TensorSpec[] => [
  { name: `${name}.weight`, shape: [HIDDEN] },
  ...(hasBias ? [{ name: `${name}.bias`, shape: [HIDDEN] }] : []),
]
const each = (tensors: (index: number) => TensorSpec[]): TensorSpec[] => Array.from({ length: LAYERS }, (_, index) => tensors(index)).flat()

const BERT = {
  hidden_size: HIDDEN,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  intermediate_size: INNER,
  vocab_size: VOCABULARY,
  max_position_embeddings: 64,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
}

function bertTensors(prefix: string, { positions = 64, types = 2, isJina = false } = {}): TensorSpec[] {
  return [
    { name: `${prefix}embeddings.word_embeddings.weight`, shape: [VOCABULARY, HIDDEN] },
    ...(isJina ? [] : [{ name: `${prefix}embeddings.position_embeddings.weight`, shape: [positions, HIDDEN] }]),
    { name: `${prefix}embeddings.token_type_embeddings.weight`, shape: [types, HIDDEN] },
    ...norm(`${prefix}embeddings.LayerNorm`),
    ...each((index) => {
      const layer = `${prefix}encoder.layer.${index}`
      return [
        ...['query', 'key', 'value'].flatMap((part) => linear(`${layer}.attention.self.${part}`, HIDDEN, HIDDEN)),
        ...linear(`${layer}.attention.output.dense`, HIDDEN, HIDDEN),
        ...norm(`${layer}.attention.output.LayerNorm`),
        ...(isJina
          ? [
              ...linear(`${layer}.mlp.gated_layers`, 2 * INNER, HIDDEN, false),
              ...linear(`${layer}.mlp.wo`, HIDDEN, INNER),
              ...norm(`${layer}.mlp.layernorm`),
            ]
          : [
              ...linear(`${layer}.intermediate.dense`, INNER, HIDDEN),
              ...linear(`${layer}.output.dense`, HIDDEN, INNER),
              ...norm(`${layer}.output.LayerNorm`),
            ]),
      ]
    }),
  ]
}

function modernTensors(prefix: string): TensorSpec[] {
  return [
    { name: `${prefix}embeddings.tok_embeddings.weight`, shape: [VOCABULARY, HIDDEN] },
    ...norm(`${prefix}embeddings.norm`, false),
    ...each((index) => {
      const layer = `${prefix}layers.${index}`
      return [
        ...(index === 0 ? [] : norm(`${layer}.attn_norm`, false)),
        ...linear(`${layer}.attn.Wqkv`, 3 * HIDDEN, HIDDEN, false),
        ...linear(`${layer}.attn.Wo`, HIDDEN, HIDDEN, false),
        ...norm(`${layer}.mlp_norm`, false),
        ...linear(`${layer}.mlp.Wi`, 2 * INNER, HIDDEN, false),
        ...linear(`${layer}.mlp.Wo`, HIDDEN, INNER, false),
      ]
    }),
    ...norm(`${prefix}final_norm`, false),
  ]
}

const MODERN = {
  model_type: 'modernbert',
  hidden_size: HIDDEN,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  intermediate_size: INNER,
  vocab_size: VOCABULARY,
  max_position_embeddings: 64,
  norm_eps: 1e-5,
  global_rope_theta: 160_000,
  local_rope_theta: 10_000,
  global_attn_every_n_layers: 3,
  local_attention: 8,
}
const HEAD_DIM = 16

const gemmaTensors = (): TensorSpec[] => [
  { name: 'embed_tokens.weight', shape: [VOCABULARY, HIDDEN] },
  ...each((index) => {
    const layer = `layers.${index}`
    return [
      ...norm(`${layer}.input_layernorm`, false),
      ...linear(`${layer}.self_attn.q_proj`, HEADS * HEAD_DIM, HIDDEN, false),
      ...linear(`${layer}.self_attn.k_proj`, HEAD_DIM, HIDDEN, false),
      ...linear(`${layer}.self_attn.v_proj`, HEAD_DIM, HIDDEN, false),
      ...linear(`${layer}.self_attn.o_proj`, HIDDEN, HEADS * HEAD_DIM, false),
      { name: `${layer}.self_attn.q_norm.weight`, shape: [HEAD_DIM] },
      { name: `${layer}.self_attn.k_norm.weight`, shape: [HEAD_DIM] },
      ...['post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm'].flatMap((name) =>
        norm(`${layer}.${name}`, false),
      ),
      ...linear(`${layer}.mlp.gate_proj`, INNER, HIDDEN, false),
      ...linear(`${layer}.mlp.up_proj`, INNER, HIDDEN, false),
      ...linear(`${layer}.mlp.down_proj`, HIDDEN, INNER, false),
    ]
  }),
  ...norm('norm', false),
]

const nomicTensors = (): TensorSpec[] => [
  { name: 'embeddings.word_embeddings.weight', shape: [VOCABULARY, HIDDEN] },
  { name: 'embeddings.token_type_embeddings.weight', shape: [2, HIDDEN] },
  ...norm('emb_ln'),
  ...each((index) => {
    const layer = `encoder.layers.${index}`
    return [
      ...linear(`${layer}.attn.Wqkv`, 3 * HIDDEN, HIDDEN, false),
      ...linear(`${layer}.attn.out_proj`, HIDDEN, HIDDEN, false),
      ...linear(`${layer}.mlp.fc11`, INNER, HIDDEN, false),
      ...linear(`${layer}.mlp.fc12`, INNER, HIDDEN, false),
      ...linear(`${layer}.mlp.fc2`, HIDDEN, INNER, false),
      ...norm(`${layer}.norm1`),
      ...norm(`${layer}.norm2`),
    ]
  }),
]

const classifies = (family: string, labels = 1) => ({
  architectures: [`${family}ForSequenceClassification`],
  id2label: Object.fromEntries(Array.from({ length: labels }, (_, index) => [String(index), `LABEL_${index}`])),
})

/** A tiny random model of each family of encoders. */
export const tinyEncoders: Readonly<Record<string, TinyEncoder>> = {
  bert: { config: { ...BERT, model_type: 'bert' }, tensors: bertTensors('') },
  'bert-reranker': {
    config: { ...BERT, model_type: 'bert', ...classifies('Bert') },
    tensors: [...bertTensors('bert.'), ...linear('bert.pooler.dense', HIDDEN, HIDDEN), ...linear('classifier', 1, HIDDEN)],
  },
  jina: {
    config: { ...BERT, model_type: 'bert', position_embedding_type: 'alibi', feed_forward_type: 'geglu', num_attention_heads: 3 },
    tensors: bertTensors('', { isJina: true }),
  },
  'xlm-roberta': {
    config: { ...BERT, model_type: 'xlm-roberta', max_position_embeddings: 66, type_vocab_size: 1, layer_norm_eps: 1e-5, pad_token_id: 1 },
    tensors: bertTensors('', { positions: 66, types: 1 }),
  },
  'xlm-roberta-reranker': {
    config: {
      ...BERT,
      ...classifies('XLMRoberta'),
      model_type: 'xlm-roberta',
      max_position_embeddings: 66,
      type_vocab_size: 1,
      layer_norm_eps: 1e-5,
      pad_token_id: 1,
    },
    tensors: [
      ...bertTensors('roberta.', { positions: 66, types: 1 }),
      ...linear('classifier.dense', HIDDEN, HIDDEN),
      ...linear('classifier.out_proj', 1, HIDDEN),
    ],
  },
  modernbert: { config: { ...MODERN, architectures: ['ModernBertModel'] }, tensors: modernTensors('') },
  'modernbert-reranker': {
    config: { ...MODERN, ...classifies('ModernBert', 2), classifier_pooling: 'mean', classifier_activation: 'gelu' },
    tensors: [
      ...modernTensors('model.'),
      ...linear('head.dense', HIDDEN, HIDDEN, false),
      ...norm('head.norm', false),
      ...linear('classifier', 2, HIDDEN),
    ],
  },
  'nomic-bert': {
    config: {
      model_type: 'nomic_bert',
      n_embd: HIDDEN,
      n_layer: LAYERS,
      n_head: HEADS,
      n_inner: INNER,
      n_positions: 64,
      vocab_size: VOCABULARY,
      type_vocab_size: 2,
      layer_norm_epsilon: 1e-12,
      activation_function: 'swiglu',
      rotary_emb_base: 1000,
      rotary_emb_fraction: 1,
    },
    tensors: nomicTensors(),
  },
  gemma3: {
    config: {
      model_type: 'gemma3_text',
      use_bidirectional_attention: true,
      hidden_size: HIDDEN,
      num_hidden_layers: LAYERS,
      intermediate_size: INNER,
      num_attention_heads: HEADS,
      num_key_value_heads: 1,
      head_dim: HEAD_DIM,
      rms_norm_eps: 1e-6,
      vocab_size: VOCABULARY,
      max_position_embeddings: 64,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
      query_pre_attn_scalar: 16,
      sliding_window: 64,
      sliding_window_pattern: 3,
      hidden_activation: 'gelu_pytorch_tanh',
    },
    tensors: gemmaTensors(),
    dense: [
      [HIDDEN, 4 * HIDDEN],
      [4 * HIDDEN, HIDDEN],
    ],
  },
}

/** Writes one of them into a folder of its own, or into `parent`. */
export function writeTinyEncoder(name: string, parent = mkdtempSync(join(tmpdir(), 'exo-tiny-encoder-'))) {
  const { config, tensors, dense = [] } = tinyEncoders[name] as TinyEncoder
  const dir = join(parent, name)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  writeFileSync(join(dir, 'model.safetensors'), randomSafetensors(tensors, 7))
  const modules = dense.map(([inputs, outputs], index) => {
    const path = `${index + 2}_Dense`
    mkdirSync(join(dir, path), { recursive: true })
    const activation = 'torch.nn.modules.linear.Identity'
    writeFileSync(
      join(dir, path, 'config.json'),
      JSON.stringify({ in_features: inputs, out_features: outputs, bias: false, activation_function: activation }),
    )
    writeFileSync(join(dir, path, 'model.safetensors'), randomSafetensors(linear('linear', outputs, inputs, false), 11 + index))
    return { idx: index + 2, name: String(index + 2), path, type: 'sentence_transformers.models.Dense' }
  })
  if (modules.length > 0) writeFileSync(join(dir, 'modules.json'), JSON.stringify(modules))
  return { dir, layers: LAYERS, vocabSize: VOCABULARY, remove: () => rmSync(parent, { recursive: true, force: true }) }
}
