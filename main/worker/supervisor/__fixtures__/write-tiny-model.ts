import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const config = {
  model_type: 'llama',
  hidden_size: 64,
  num_hidden_layers: 2,
  intermediate_size: 128,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  vocab_size: 256,
  rope_theta: 10_000,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
}

function shapes(): [name: string, shape: number[]][] {
  const { hidden_size: hidden, intermediate_size: wide, vocab_size: vocabulary } = config
  const layer = (index: number): [string, number[]][] =>
    Object.entries({
      'self_attn.q_proj': [hidden, hidden],
      'self_attn.k_proj': [hidden / 2, hidden],
      'self_attn.v_proj': [hidden / 2, hidden],
      'self_attn.o_proj': [hidden, hidden],
      'mlp.gate_proj': [wide, hidden],
      'mlp.up_proj': [wide, hidden],
      'mlp.down_proj': [hidden, wide],
      input_layernorm: [hidden],
      post_attention_layernorm: [hidden],
    }).map(([name, shape]) => [`model.layers.${index}.${name}.weight`, shape])
  return [['model.embed_tokens.weight', [vocabulary, hidden]], ...layer(0), ...layer(1), ['model.norm.weight', [hidden]]]
}

/** A llama of two layers with arbitrary weights, without a tokenizer, in a new folder. */
export async function writeTinyModel(): Promise<string> {
  const modelDir = await mkdtemp(join(tmpdir(), 'exo-tiny-'))
  let state = 1
  const weight = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32 - 0.5) * 0.4
  }
  const header: Record<string, unknown> = {}
  const values: number[] = []
  for (const [name, shape] of shapes()) {
    const size = shape.reduce((product, length) => product * length, 1)
    header[name] = { dtype: 'F32', shape, data_offsets: [4 * values.length, 4 * (values.length + size)] }
    for (let index = 0; index < size; index++) values.push(name.includes('norm') ? 1 : weight())
  }
  const headerBytes = new TextEncoder().encode(JSON.stringify(header))
  const length = new BigUint64Array([BigInt(headerBytes.length)])
  const file = Buffer.concat([new Uint8Array(length.buffer), headerBytes, new Uint8Array(Float32Array.from(values).buffer)])
  await writeFile(join(modelDir, 'model.safetensors'), file)
  await writeFile(join(modelDir, 'config.json'), JSON.stringify(config))
  return modelDir
}
