/** More than any machine has, and small enough that sums stay exact. */
const MOST_BYTES = 2 ** 48
const MOST_COUNTED = 2 ** 31

/** Limits by the last word of a field name, which is its unit. */
const BY_UNIT: readonly (readonly [RegExp, number])[] = [
  [/^(sent|received)Bytes$/, Number.MAX_SAFE_INTEGER],
  [/Bytes$/, MOST_BYTES],
  [/Tokens$/, MOST_COUNTED],
  [/PerSecond$/, MOST_BYTES],
]

/** Counts that determine allocations or repetitions. */
const BY_NAME: ReadonlyMap<string, number> = new Map([
  ['layers', 2 ** 14],
  ['hiddenSize', 2 ** 24],
  ['intermediateSize', 2 ** 24],
  ['expertWidth', 2 ** 24],
  ['kvLatentDim', 2 ** 24],
  ['fullLayerNumbers', 2 ** 24],
  ['attentionHeads', 2 ** 16],
  ['kvHeads', 2 ** 16],
  ['headDim', 2 ** 16],
  ['vocabSize', 2 ** 28],
  ['groupSize', 2 ** 20],
  ['minNodes', 1024],
  ['minDevices', 1024],
  ['rank', 1024],
  ['stage', 1024],
  ['attempt', MOST_COUNTED],
  ['running', MOST_COUNTED],
  ['waiting', MOST_COUNTED],
])

/** Checks a number sent by a peer. @returns null, or the problem; schemas set narrower limits for some fields */
export function refusePeerNumber(key: string, value: number): string | null {
  const most = BY_NAME.get(key) ?? BY_UNIT.find(([unit]) => unit.test(key))?.[1] ?? Number.MAX_SAFE_INTEGER
  return Math.abs(value) <= most ? null : `a ${key} above ${most}`
}
