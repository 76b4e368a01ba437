export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  /** Default: float32. */
  readonly type?: 'F32' | 'BF16'
}

/** Numbers in [-1, 1), the same for the same seed. */
function randomFloats(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** The upper half of each float32's bytes. */
const toBFloat16 = (values: Float32Array): Uint8Array =>
  new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer)

/** Bytes of a safetensors file of random tensors, with names in ASCII. */
export function randomSafetensors(tensors: readonly TensorSpec[], seed: number): Uint8Array {
  const random = randomFloats(seed)
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  let offset = 0
  for (const { name, shape, type = 'F32' } of tensors) {
    const size = shape.reduce((product, length) => product * length, 1)
    const values = Float32Array.from({ length: size }, () =>
      shape.length === 1 ? 1 + 0.1 * random() : (random() * 2) / Math.sqrt(shape[1] as number),
    )
    const bytes = type === 'F32' ? new Uint8Array(values.buffer) : toBFloat16(values)
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes.length] }
    offset += bytes.length
    parts.push(bytes)
  }
  const text = Uint8Array.from(JSON.stringify(header), (letter) => letter.charCodeAt(0))
  const file = new Uint8Array(8 + text.length + offset)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, 8)
  let place = 8 + text.length
  for (const part of parts) {
    file.set(part, place)
    place += part.length
  }
  return file
}
