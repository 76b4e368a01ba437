import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface HubModelOptions {
  readonly layers?: number
  readonly hiddenSize?: number
  /** Number of weight files that the layers are spread over, with an index; 0: a single file without an index. */
  readonly shards?: number
}

/** Writes a model folder with arbitrary weights and the usual other files of a repository. */
export async function writeHubModel(folder: string, { layers = 2, hiddenSize = 64, shards = 0 }: HubModelOptions = {}): Promise<void> {
  await mkdir(folder, { recursive: true })
  const config = {
    model_type: 'llama',
    hidden_size: hiddenSize,
    num_hidden_layers: layers,
    intermediate_size: 2 * hiddenSize,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    rms_norm_eps: 1e-5,
    vocab_size: 256,
    max_position_embeddings: 512,
    tie_word_embeddings: false,
    auto_map: { AutoModel: 'modeling_evil.Model' },
  }
  const layerShapes = {
    'self_attn.q_proj': [hiddenSize, hiddenSize],
    'self_attn.k_proj': [hiddenSize / 2, hiddenSize],
    'self_attn.v_proj': [hiddenSize / 2, hiddenSize],
    'self_attn.o_proj': [hiddenSize, hiddenSize],
    'mlp.gate_proj': [2 * hiddenSize, hiddenSize],
    'mlp.up_proj': [2 * hiddenSize, hiddenSize],
    'mlp.down_proj': [hiddenSize, 2 * hiddenSize],
    input_layernorm: [hiddenSize],
    post_attention_layernorm: [hiddenSize],
  }
  const tensors: [name: string, shape: number[]][] = [['model.embed_tokens.weight', [256, hiddenSize]]]
  for (let layer = 0; layer < layers; layer++)
    for (const [name, shape] of Object.entries(layerShapes)) tensors.push([`model.layers.${layer}.${name}.weight`, shape])
  tensors.push(['model.norm.weight', [hiddenSize]], ['lm_head.weight', [256, hiddenSize]])

  const count = Math.max(1, shards)
  const weightMap: Record<string, string> = {}
  for (let shard = 0; shard < count; shard++) {
    const name =
      shards === 0 ? 'model.safetensors' : `model-${`${shard + 1}`.padStart(5, '0')}-of-${`${count}`.padStart(5, '0')}.safetensors`
    const part = tensors.slice(Math.floor((shard * tensors.length) / count), Math.floor(((shard + 1) * tensors.length) / count))
    for (const [tensor] of part) weightMap[tensor] = name
    await writeFile(join(folder, name), safetensors(part))
  }
  if (shards > 0) await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: weightMap }))
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  await writeFile(join(folder, 'tokenizer_config.json'), '{}')
  await writeFile(join(folder, 'chat_template.jinja'), '')
  await writeFile(join(folder, 'README.md'), '# a model')
  await writeFile(join(folder, 'modeling_evil.py'), 'raise SystemExit("never fetched")')
  await writeFile(join(folder, 'consolidated.safetensors'), 'the same weights for another engine')
}

/** A file whose values depend only on the tensor names. */
function safetensors(tensors: readonly (readonly [name: string, shape: number[]])[]): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'mlx' } }
  const parts: Buffer[] = []
  let offset = 0
  for (const [name, shape] of tensors) {
    const size = shape.reduce((product, length) => product * length, 1)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + 4 * size] }
    let state = createHash('sha256').update(name).digest().readUInt32LE()
    const values = Float32Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return name.includes('norm') ? 1 : (state / 2 ** 32 - 0.5) * 0.4
    })
    parts.push(Buffer.from(values.buffer))
    offset += 4 * size
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, ...parts])
}
