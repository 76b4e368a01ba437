import { type AffineGroup, GROUP_ELEMENTS } from './block-format.ts'

/** Sets a group to the codes nearest to `numbers[start, start + GROUP_ELEMENTS)`, from their minimum to their maximum. */
export function requantize(numbers: Float32Array, start: number, bits: number, group: AffineGroup): void {
  let minimum = Infinity
  let maximum = -Infinity
  for (let index = start; index < start + GROUP_ELEMENTS; index++) {
    minimum = Math.min(minimum, numbers[index]!)
    maximum = Math.max(maximum, numbers[index]!)
  }
  const steps = 2 ** bits - 1
  group.scale = (maximum - minimum) / steps
  group.bias = minimum
  for (let index = 0; index < GROUP_ELEMENTS; index++)
    group.codes[index] = group.scale === 0 ? 0 : Math.min(steps, Math.round((numbers[start + index]! - minimum) / group.scale))
}
