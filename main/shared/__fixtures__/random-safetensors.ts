export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** Numbers in [-1, 1), the same for the same seed. */
function randomFloats(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** Bytes of a safetensors file of random float32 tensors, with names in ASCII. */
export function randomSafetensors(tensors: readonly TensorSpec[], seed: number): Uint8Array {
  const random = randomFloats(seed)
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  let offset = 0
  for (const { name, shape } of tensors) {
    const size = shape.reduce((product, length) => product * length, 1)
    const values = Float32Array.from({ length: size }, () =>
      shape.length === 1 ? 1 + 0.1 * random() : (random() * 2) / Math.sqrt(shape[1] as number),
    )
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + size * 4] }
    offset += size * 4
    parts.push(new Uint8Array(values.buffer))
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
