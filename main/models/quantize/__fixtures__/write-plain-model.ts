import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { safetensorsLayout } from '../../gguf/safetensors-layout.ts'

const HIDDEN = 64

/** The shapes of a tiny llama's tensors, or those of a model with experts that are stored one by one. */
export function plainTensors(experts = 0): Record<string, readonly number[]> {
  const layer = (index: number): Record<string, readonly number[]> => {
    const prefix = `model.layers.${index}`
    const gated = (module: string) =>
      Object.fromEntries(['gate_proj', 'up_proj', 'down_proj'].map((name) => [`${module}.${name}.weight`, [HIDDEN, HIDDEN]]))
    return {
      [`${prefix}.input_layernorm.weight`]: [HIDDEN],
      [`${prefix}.post_attention_layernorm.weight`]: [HIDDEN],
      ...Object.fromEntries(['q', 'k', 'v', 'o'].map((name) => [`${prefix}.self_attn.${name}_proj.weight`, [HIDDEN, HIDDEN]])),
      ...(experts === 0 ? gated(`${prefix}.mlp`) : { [`${prefix}.mlp.gate.weight`]: [experts, HIDDEN] }),
      ...Object.fromEntries(
        Array.from({ length: experts }, (_, expert) => Object.entries(gated(`${prefix}.mlp.experts.${expert}`))).flat(),
      ),
    }
  }
  return {
    'model.embed_tokens.weight': [32, HIDDEN],
    'model.norm.weight': [HIDDEN],
    'lm_head.weight': [32, HIDDEN],
    ...layer(0),
    ...layer(1),
  }
}

/** Writes a model of two layers in float32. @param config - further keys of config.json, as text */
export async function writePlainModel(folder: string, tensors = plainTensors(), config = ''): Promise<void> {
  await mkdir(folder, { recursive: true })
  const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
  const layout = safetensorsLayout(
    Object.entries(tensors).map(([name, shape]) => ({ name, dtype: 'F32', shape, lengthBytes: 4 * size(shape) })),
  )
  const bytes = Buffer.alloc(layout.fileBytes)
  bytes.set(layout.header)
  for (const [name, shape] of Object.entries(tensors))
    for (let index = 0; index < size(shape); index++)
      bytes.writeFloatLE(Math.sin(index + name.length), layout.startBytes.get(name)! + 4 * index)
  await writeFile(join(folder, 'model.safetensors'), bytes)
  const sizes = { hidden_size: HIDDEN, intermediate_size: HIDDEN, num_hidden_layers: 2, num_attention_heads: 2, vocab_size: 32 }
  const text = JSON.stringify({ model_type: 'llama', ...sizes, rms_norm_eps: 1e-5 })
  await writeFile(join(folder, 'config.json'), `${text.slice(0, -1)}${config}}`)
  await writeFile(join(folder, 'tokenizer.json'), '{}')
}
