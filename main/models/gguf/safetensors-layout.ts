/** One tensor of a safetensors file. */
export interface SafetensorsEntry {
  readonly name: string
  /** As named in safetensors. */
  readonly dtype: string
  readonly shape: readonly number[]
  readonly lengthBytes: number
}

export interface SafetensorsLayout {
  /** Length prefix and JSON header, padded to 8 bytes. */
  readonly header: Uint8Array
  /** The offset of each tensor in the file. */
  readonly startBytes: ReadonlyMap<string, number>
  readonly fileBytes: number
}

/** Lays out tensors one after another. The file's metadata has `format: mlx`, as written by mlx-lm. */
export function safetensorsLayout(entries: readonly SafetensorsEntry[]): SafetensorsLayout {
  const json: Record<string, unknown> = { __metadata__: { format: 'mlx' } }
  const offsets = new Map<string, number>()
  let end = 0
  for (const { name, dtype, shape, lengthBytes } of entries) {
    json[name] = { dtype, shape, data_offsets: [end, end + lengthBytes] }
    offsets.set(name, end)
    end += lengthBytes
  }
  const text = Buffer.from(JSON.stringify(json))
  const headerBytes = Math.ceil(text.length / 8) * 8
  const header = Buffer.alloc(8 + headerBytes, ' ')
  header.writeBigUInt64LE(BigInt(headerBytes), 0)
  text.copy(header, 8)
  return {
    header,
    startBytes: new Map([...offsets].map(([name, offset]) => [name, 8 + headerBytes + offset])),
    fileBytes: 8 + headerBytes + end,
  }
}
