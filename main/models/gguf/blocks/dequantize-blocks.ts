import { type AffineGroup, type BlockFormat, GROUP_ELEMENTS } from './block-format.ts'

export const createGroups = (format: BlockFormat): AffineGroup[] =>
  Array.from({ length: format.blockElements / GROUP_ELEMENTS }, () => ({ codes: new Uint8Array(GROUP_ELEMENTS), scale: 0, bias: 0 }))

/**
 * The numbers of complete blocks, each as the nearest float32.
 *
 * @param source - n blocks
 * @param set - called for every number in order
 */
export function dequantizeBlocks(format: BlockFormat, source: Uint8Array, set: (index: number, value: number) => void): void {
  const groups = createGroups(format)
  const numbers = new Float32Array(format.blockElements)
  for (let block = 0; block < source.length / format.blockBytes; block++) {
    const first = block * format.blockElements
    if (format.kind === 'numbers') {
      format.read(source, block * format.blockBytes, numbers)
      numbers.forEach((value, index) => set(first + index, value))
      continue
    }
    format.read(source, block * format.blockBytes, groups)
    groups.forEach(({ codes, scale, bias }, group) =>
      codes.forEach((code, index) => set(first + group * GROUP_ELEMENTS + index, scale * code + bias)),
    )
  }
}
