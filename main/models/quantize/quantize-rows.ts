import { packCodes } from '../gguf/blocks/convert-blocks.ts'

/** The least scale of a group, as in MLX. */
const LEAST_SCALE = Math.fround(1e-7)

/** Numbers in MLX's affine mode: number = scale * code + bias. */
export interface QuantizedRows {
  /** Codes packed into little-endian uint32, lowest bits first. */
  readonly weight: Uint8Array
  /** One for each group. */
  readonly scales: Float32Array
  readonly biases: Float32Array
}

/**
 * Quantizes whole groups exactly as MLX does: in float32, with the number furthest from 0 on a code of its own.
 *
 * @param numbers - n * groupSize numbers
 */
export function quantizeRows(numbers: Float32Array, bits: number, groupSize: number): QuantizedRows {
  const groups = numbers.length / groupSize
  const groupBytes = (groupSize * bits) / 8
  const weight = new Uint8Array(groups * groupBytes)
  const scales = new Float32Array(groups)
  const biases = new Float32Array(groups)
  const codes = new Uint8Array(groupSize)
  const steps = 2 ** bits - 1
  for (let group = 0; group < groups; group++) {
    const start = group * groupSize
    const { scale, bias } = scaleOf(numbers, start, start + groupSize, steps)
    for (let index = 0; index < groupSize; index++) {
      const code = roundHalfEven(Math.fround(Math.fround(numbers[start + index]! - bias) / scale))
      codes[index] = Math.min(Math.max(code, 0), steps)
    }
    scales[group] = scale
    biases[group] = bias
    packCodes(codes, bits, weight, group * groupBytes)
  }
  return { weight, scales, biases }
}

function scaleOf(numbers: Float32Array, start: number, end: number, steps: number): { scale: number; bias: number } {
  let least = Infinity
  let most = -Infinity
  for (let index = start; index < end; index++) {
    least = Math.min(least, numbers[index]!)
    most = Math.max(most, numbers[index]!)
  }
  const isLeastFurther = Math.abs(least) > Math.abs(most)
  const size = Math.max(Math.fround(Math.fround(most - least) / steps), LEAST_SCALE)
  const scale = isLeastFurther ? size : -size
  const edge = isLeastFurther ? least : most
  const code = roundHalfEven(Math.fround(edge / scale))
  return code === 0 ? { scale, bias: 0 } : { scale: Math.fround(edge / code), bias: edge }
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
}
