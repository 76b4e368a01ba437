import { writeFile } from 'node:fs/promises'

type Value = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]

export interface TestTensor {
  readonly name: string
  /** Slowest-varying first. */
  readonly shape: readonly number[]
  readonly typeId: number
  readonly bytes: Uint8Array
}

const UINT32 = 4
const INT32 = 5
const BOOL = 7
const STRING = 8
const ARRAY = 9

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint64(bytes.length), bytes])
}

function scalar(value: string | number | boolean): [type: number, bytes: Buffer] {
  if (typeof value === 'string') return [STRING, text(value)]
  if (typeof value === 'boolean') return [BOOL, Buffer.of(Number(value))]
  if (Number.isInteger(value) && value >= 0) return [UINT32, uint32(value)]
  const float = Buffer.alloc(4)
  float.writeFloatLE(value)
  return [6, float]
}

function metadataValue(value: Value): Buffer {
  if (!Array.isArray(value)) {
    const [type, bytes] = scalar(value as string | number | boolean)
    return Buffer.concat([uint32(type), bytes])
  }
  const elements = value as readonly (string | number | boolean)[]
  if (typeof elements[0] === 'boolean') {
    const scalars = elements.map(scalar)
    return Buffer.concat([uint32(ARRAY), uint32(scalars[0]![0]), uint64(scalars.length), ...scalars.map(([, bytes]) => bytes)])
  }
  const bytes = elements.map((element) => (typeof element === 'string' ? text(element) : uint32(element as number)))
  return Buffer.concat([uint32(ARRAY), uint32(typeof value[0] === 'string' ? STRING : INT32), uint64(bytes.length), ...bytes])
}

/** A complete GGUF file of version 3. */
export function ggufBytes(metadata: Readonly<Record<string, Value>>, tensors: readonly TestTensor[]): Buffer {
  let offset = 0
  const padded = (length: number): number => Math.ceil(length / 32) * 32
  const infos = tensors.map(({ name, shape, typeId, bytes }) => {
    const info = Buffer.concat([text(name), uint32(shape.length), ...[...shape].reverse().map(uint64), uint32(typeId), uint64(offset)])
    offset += padded(bytes.length)
    return info
  })
  const entries = Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), metadataValue(value)]))
  const header = Buffer.concat([Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length), ...entries, ...infos])
  const data = tensors.map(({ bytes }) => Buffer.concat([bytes], padded(bytes.length)))
  return Buffer.concat([Buffer.concat([header], padded(header.length)), ...data])
}

function float32Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}

/** The smallest model of the llama family: 1 layer, width 4, 1 head. The value of each number in a tensor is its index. */
export function tinyLlama(): { metadata: Record<string, Value>; tensors: TestTensor[] } {
  const tokens = ['<s>', '</s>', 'a', 'b', 'ab']
  const sizes: Record<string, readonly number[]> = {
    'token_embd.weight': [tokens.length, 4],
    'output_norm.weight': [4],
    'blk.0.attn_norm.weight': [4],
    'blk.0.ffn_norm.weight': [4],
    'blk.0.attn_q.weight': [4, 4],
    'blk.0.attn_k.weight': [4, 4],
    'blk.0.attn_v.weight': [4, 4],
    'blk.0.attn_output.weight': [4, 4],
    'blk.0.ffn_gate.weight': [8, 4],
    'blk.0.ffn_up.weight': [8, 4],
    'blk.0.ffn_down.weight': [4, 8],
  }
  return {
    metadata: {
      'general.architecture': 'llama',
      'llama.block_count': 1,
      'llama.context_length': 64,
      'llama.embedding_length': 4,
      'llama.feed_forward_length': 8,
      'llama.attention.head_count': 1,
      'llama.attention.layer_norm_rms_epsilon': 1.5,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'gpt-2',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': [3, 3, 1, 1, 1],
      'tokenizer.ggml.merges': ['a b'],
      'tokenizer.ggml.bos_token_id': 0,
      'tokenizer.ggml.eos_token_id': 1,
    },
    tensors: Object.entries(sizes).map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1)
      return { name, shape, typeId: 0, bytes: float32Bytes(Array.from({ length }, (_, index) => index)) }
    }),
  }
}

export async function writeTinyLlama(path: string, change: (model: ReturnType<typeof tinyLlama>) => void = () => undefined): Promise<void> {
  const model = tinyLlama()
  change(model)
  await writeFile(path, ggufBytes(model.metadata, model.tensors))
}
