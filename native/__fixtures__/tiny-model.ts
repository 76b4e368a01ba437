import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Numbers in [-1, 1), the same for the same seed. */
function randomFloats(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
}

export interface TinyModel {
  readonly dir: string
  readonly layers: number
  readonly vocabSize: number
  readonly remove: () => void
}

const SIZES = { hidden: 64, intermediate: 96, layers: 4, heads: 4, kvHeads: 4, headDim: 16, vocabSize: 200 } as const

function llamaTensors(): TensorSpec[] {
  const { hidden, intermediate, layers, heads, kvHeads, headDim, vocabSize } = SIZES
  const layer = (index: number) => {
    const prefix = `model.layers.${index}`
    return [
      { name: `${prefix}.input_layernorm.weight`, shape: [hidden] },
      { name: `${prefix}.self_attn.q_proj.weight`, shape: [heads * headDim, hidden] },
      { name: `${prefix}.self_attn.k_proj.weight`, shape: [kvHeads * headDim, hidden] },
      { name: `${prefix}.self_attn.v_proj.weight`, shape: [kvHeads * headDim, hidden] },
      { name: `${prefix}.self_attn.o_proj.weight`, shape: [hidden, heads * headDim] },
      { name: `${prefix}.post_attention_layernorm.weight`, shape: [hidden] },
      { name: `${prefix}.mlp.gate_proj.weight`, shape: [intermediate, hidden] },
      { name: `${prefix}.mlp.up_proj.weight`, shape: [intermediate, hidden] },
      { name: `${prefix}.mlp.down_proj.weight`, shape: [hidden, intermediate] },
    ]
  }
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabSize, hidden] },
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    { name: 'model.norm.weight', shape: [hidden] },
    { name: 'lm_head.weight', shape: [vocabSize, hidden] },
  ]
}

/** Bytes of a safetensors file of random float32 tensors. */
export function safetensors(tensors: readonly TensorSpec[], seed: number): Buffer {
  const random = randomFloats(seed)
  const header: Record<string, unknown> = {}
  const parts: Float32Array[] = []
  let offset = 0
  for (const { name, shape } of tensors) {
    const size = shape.reduce((product, length) => product * length, 1)
    const values = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 + 0.1 * random() : (random() * 2) / Math.sqrt(shape[1] as number)))
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + size * 4] }
    offset += size * 4
    parts.push(values)
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, ...parts.map((part) => Buffer.from(part.buffer))])
}

/** A random llama in a folder of its own; `change` may spoil what is written. */
export function makeTinyModel(change: { tensors?: (tensors: TensorSpec[]) => TensorSpec[]; bytes?: (file: Buffer) => Buffer; config?: Record<string, unknown> } = {}): TinyModel {
  const dir = mkdtempSync(join(tmpdir(), 'exo-tiny-model-'))
  const { hidden, intermediate, layers, heads, kvHeads, headDim, vocabSize } = SIZES
  const config = {
    model_type: 'llama',
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headDim,
    vocab_size: vocabSize,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: false,
    ...change.config,
  }
  const file = safetensors(change.tensors?.(llamaTensors()) ?? llamaTensors(), 1)
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  writeFileSync(join(dir, 'model.safetensors'), change.bytes?.(file) ?? file)
  return { dir, layers, vocabSize, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
