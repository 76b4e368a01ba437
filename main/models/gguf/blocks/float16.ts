const bits = new DataView(new ArrayBuffer(4))

function widen(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

let table: Float32Array | null = null

/** The value of every IEEE half-precision bit pattern; shape [65536]. */
export function float16Values(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => widen(half))
  return table
}

/** The little-endian half-precision number at `index`. */
export function float16At(source: Uint8Array, index: number): number {
  return float16Values()[source[index]! | (source[index + 1]! << 8)]!
}

/** The half-precision bits nearest to `value`, ties to even; infinity beyond the range. */
export function toFloat16Bits(value: number): number {
  bits.setFloat32(0, value)
  const single = bits.getUint32(0)
  const sign = (single >>> 16) & 0x8000
  const magnitude = single & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x47800000) return sign | 0x7c00
  if (magnitude < 0x38800000) return sign | roundTiesToEven(Math.abs(value) * 2 ** 24)
  // The addition may carry into the exponent, up to infinity, which is the correct result there.
  return sign | roundTiesToEven((magnitude - 0x38000000) / 8192)
}

/** The bfloat16 bits nearest to `value`, ties to even. */
export function toBfloat16Bits(value: number): number {
  bits.setFloat32(0, value)
  const single = bits.getUint32(0)
  if ((single & 0x7fffffff) > 0x7f800000) return ((single >>> 16) & 0x8000) | 0x7fc0
  return ((single >>> 31) << 15) | roundTiesToEven((single & 0x7fffffff) / 65536)
}

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
