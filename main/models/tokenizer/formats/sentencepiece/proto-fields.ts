/** A field of a protocol buffer: a varint as a number, four raw bytes, or bytes of a given length. */
export interface ProtoField {
  readonly number: number
  readonly value: number | Uint8Array
}

/**
 * The fields of a message, in order.
 * @throws RangeError if the bytes are not a message
 */
export function* protoFields(bytes: Uint8Array): Generator<ProtoField> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) throw new RangeError('a number is cut off')
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a number is too long')
  }
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw new RangeError('a field is cut off')
    at += count
    return bytes.subarray(at - count, at)
  }
  while (at < bytes.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const kind = key % 8
    if (number === 0 || (kind !== 0 && kind !== 1 && kind !== 2 && kind !== 5)) throw new RangeError('a field is of an unknown kind')
    yield { number, value: kind === 0 ? varint() : take(kind === 1 ? 8 : kind === 5 ? 4 : varint()) }
  }
}
