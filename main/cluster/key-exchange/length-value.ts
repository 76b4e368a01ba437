/** Concatenates parts, each preceded by its length (LEB128), so that no two lists of parts give the same bytes. CPace's `lv_cat`. */
export function lengthValue(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts.flatMap((part) => [lengthPrefix(part.length), part]))
}

/** Seven bits per byte, lowest first. All bytes except the last have their highest bit set. */
export function lengthPrefix(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
