import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomSafetensors, type TensorSpec } from '../../main/shared/models/random-safetensors.ts'

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

/** A random llama in a folder of its own; `change` may spoil what is written. */
export function makeTinyModel(
  change: { tensors?: (tensors: TensorSpec[]) => TensorSpec[]; bytes?: (file: Buffer) => Buffer; config?: Record<string, unknown> } = {},
): TinyModel {
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
  const file = Buffer.from(randomSafetensors(change.tensors?.(llamaTensors()) ?? llamaTensors(), 1))
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  writeFileSync(join(dir, 'model.safetensors'), change.bytes?.(file) ?? file)
  return { dir, layers, vocabSize, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
