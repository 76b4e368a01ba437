/** The storage format of a tensor: blocks of `blockElements` numbers, `blockBytes` bytes each. */
export interface GgufTensorType {
  readonly name: string
  readonly blockElements: number
  readonly blockBytes: number
}

/** The types that can be imported, by their id in the file. */
const importable: Readonly<Record<number, GgufTensorType>> = {
  0: { name: 'F32', blockElements: 1, blockBytes: 4 },
  1: { name: 'F16', blockElements: 1, blockBytes: 2 },
  2: { name: 'Q4_0', blockElements: 32, blockBytes: 18 },
  3: { name: 'Q4_1', blockElements: 32, blockBytes: 20 },
  8: { name: 'Q8_0', blockElements: 32, blockBytes: 34 },
  30: { name: 'BF16', blockElements: 1, blockBytes: 2 },
}

/** Names of the other types, for error messages. */
const otherNames: Readonly<Record<number, string>> = {
  6: 'Q5_0',
  7: 'Q5_1',
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
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
}

/** @returns null for a type that cannot be imported */
export function ggufTensorType(typeId: number): GgufTensorType | null {
  return importable[typeId] ?? null
}

export function ggufTensorTypeName(typeId: number): string {
  return importable[typeId]?.name ?? otherNames[typeId] ?? `type ${typeId}`
}

export const importableTypeNames: readonly string[] = Object.values(importable).map((type) => type.name)
