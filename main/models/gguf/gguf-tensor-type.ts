import { blockFormats } from './blocks/block-formats.ts'

/** The storage format of a tensor: blocks of `blockElements` numbers, `blockBytes` bytes each. */
export interface GgufTensorType {
  readonly name: string
  readonly blockElements: number
  readonly blockBytes: number
}

/** The names of all types, by their id in the file. */
const names: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  30: 'BF16',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
}

/** The bytes of a number, for the types that are not quantized. */
const plainBytes: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 }

/** @returns null for a type that cannot be imported */
export function ggufTensorType(typeId: number): GgufTensorType | null {
  const name = names[typeId]
  if (name === undefined) return null
  const format = blockFormats.get(name)
  if (format) return { name, blockElements: format.blockElements, blockBytes: format.blockBytes }
  const blockBytes = plainBytes[name]
  return blockBytes === undefined ? null : { name, blockElements: 1, blockBytes }
}

export function ggufTensorTypeName(typeId: number): string {
  return names[typeId] ?? `type ${typeId}`
}

export const importableTypeNames: readonly string[] = [...Object.keys(plainBytes), ...blockFormats.keys()]
