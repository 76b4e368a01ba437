import { ggufMetadata } from '../main/models/gguf/gguf-metadata.ts'
import { ggufModelConfig } from '../main/models/gguf/gguf-model-config.ts'
import { ggufTokenizer } from '../main/models/gguf/gguf-tokenizer.ts'
import { GgufHeaderIncomplete, parseGgufHeader } from '../main/models/gguf/parse-gguf-header.ts'
import { planGgufTensors } from '../main/models/gguf/plan-gguf-tensors.ts'
import { AppError } from '../main/shared/app-error.ts'
import type { FuzzTarget } from './fuzz-target.ts'

type Value = { readonly type: number; readonly bytes: Buffer }

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const string = (value: string): Value => ({ type: 8, bytes: text(value) })
const count = (value: number): Value => ({ type: 4, bytes: u32(value) })
const float = (value: number): Value => {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return { type: 6, bytes }
}
const list = (type: number, values: readonly Buffer[]): Value => ({
  type: 9,
  bytes: Buffer.concat([u32(type), u64(values.length), ...values]),
})
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function header(
  metadata: Readonly<Record<string, Value>>,
  tensors: readonly (readonly [name: string, dimensions: readonly number[], type: number])[],
): Buffer {
  let offset = 0
  const infos = tensors.map(([name, dimensions, type]) => {
    const info = Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)])
    offset += Math.ceil((dimensions.reduce((product, size) => product * size, 1) * 4) / 32) * 32
    return info
  })
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
    ...Object.entries(metadata).map(([key, { type, bytes }]) => Buffer.concat([text(key), u32(type), bytes])),
    ...infos,
  ])
}

const tokens = ['<unk>', '<s>', '</s>', 'a', 'b', 'ab', '<0x0A>', '\u2581']
const llama = (model: string): Buffer =>
  header(
    {
      'general.architecture': string('llama'),
      'general.alignment': count(32),
      'llama.block_count': count(1),
      'llama.context_length': count(64),
      'llama.embedding_length': count(32),
      'llama.feed_forward_length': count(32),
      'llama.vocab_size': count(tokens.length),
      'llama.attention.head_count': count(2),
      'llama.attention.head_count_kv': count(1),
      'llama.attention.layer_norm_rms_epsilon': float(1e-5),
      'llama.rope.freq_base': float(10000),
      'tokenizer.ggml.model': string(model),
      'tokenizer.ggml.pre': string('smollm'),
      'tokenizer.ggml.tokens': list(8, tokens.map(text)),
      'tokenizer.ggml.token_type': list(5, [2, 3, 3, 1, 1, 1, 6, 1].map(int)),
      'tokenizer.ggml.scores': list(
        6,
        tokens.map(() => float(0).bytes),
      ),
      'tokenizer.ggml.merges': list(8, [text('a b')]),
      'tokenizer.ggml.bos_token_id': count(1),
      'tokenizer.ggml.eos_token_id': count(2),
      'tokenizer.chat_template': string('{{ messages }}'),
    },
    [
      ['token_embd.weight', [32, tokens.length], 0],
      ['output_norm.weight', [32], 0],
      ['blk.0.attn_norm.weight', [32], 0],
      ['blk.0.attn_q.weight', [32, 32], 0],
      ['blk.0.attn_k.weight', [32, 16], 0],
      ['blk.0.attn_v.weight', [32, 16], 0],
      ['blk.0.attn_output.weight', [32, 32], 0],
      ['blk.0.ffn_norm.weight', [32], 0],
      ['blk.0.ffn_gate.weight', [32, 32], 8],
      ['blk.0.ffn_up.weight', [32, 32], 2],
      ['blk.0.ffn_down.weight', [32, 32], 3],
    ],
  )

export default {
  seeds: [llama('gpt2'), llama('llama'), header({}, []), header({ deep: list(9, [list(9, [list(4, [u32(1)]).bytes]).bytes]) }, [])],
  words: [
    'general.architecture',
    'general.alignment',
    'qwen2',
    'phi3',
    'tokenizer.ggml.tokens',
    'token_embd.weight',
    'rope_freqs.weight',
    'blk.0.',
    'gpt2',
    'llama',
  ],
  run(bytes) {
    try {
      const parsed = parseGgufHeader(bytes)
      const metadata = ggufMetadata(parsed)
      const config = ggufModelConfig(metadata, tokens.length, { llama3: null, long: null, short: null })
      planGgufTensors([{ header: parsed, fileBytes: 1 << 20 }], config)
      ggufTokenizer(metadata, config.contextTokens)
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof GgufHeaderIncomplete)) throw error
    }
  },
} satisfies FuzzTarget
