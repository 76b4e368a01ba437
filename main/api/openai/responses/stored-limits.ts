export interface StoredLimits {
  readonly most: number
  readonly mostBytes: number
}

/** Of the responses, and as much again of the conversations. */
export const STORED_LIMITS: StoredLimits = { most: 1000, mostBytes: 64 << 20 }
/** OpenAI's retention time. */
export const MOST_AGE_MS = 30 * 24 * 3_600_000
/** A journal is rewritten once it is larger than its content by this much. */
export const SPARE_BYTES = 4 << 20

/** The size in a journal. */
export const storedBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
