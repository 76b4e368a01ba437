/** 2020-01-01 UTC; 41 bits of milliseconds suffice from then until 2089. */
const EPOCH_MS = 1_577_836_800_000
const ORIGIN_BITS = 14n
const SEQUENCE_BITS = 8n
const LAST_SEQUENCE = (1 << Number(SEQUENCE_BITS)) - 1

export const ORIGINS = 1 << Number(ORIGIN_BITS)

export interface InferenceIds {
  /** Greater than every earlier id, even if the clock was set back. */
  next(epochMs: number): bigint
}

/**
 * Ids for a catalog without sequences: 41 bits of time, 14 of origin, and 8 of a counter within a millisecond. They
 * sort by time, fit in a signed 64-bit column, and need no query of the stored rows.
 *
 * @param origin - in [0, ORIGINS), drawn at random by each run of each node; two runs can share ids only if they share
 *   it and both end an inference in the same millisecond
 */
export function createInferenceIds(origin: number): InferenceIds {
  let lastMs = 0
  let sequence = 0
  return {
    next: (epochMs) => {
      const nowMs = Math.max(0, Math.floor(epochMs) - EPOCH_MS)
      if (nowMs > lastMs) {
        lastMs = nowMs
        sequence = 0
      } else if (sequence === LAST_SEQUENCE) {
        // The counter is exhausted or the clock does not advance: time is borrowed from the future.
        lastMs += 1
        sequence = 0
      } else {
        sequence += 1
      }
      return (BigInt(lastMs) << (ORIGIN_BITS + SEQUENCE_BITS)) | (BigInt(origin) << SEQUENCE_BITS) | BigInt(sequence)
    },
  }
}
