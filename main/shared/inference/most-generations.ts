/** Sequences of one instance that decode together. */
export const MAX_BATCH = 8
/** Sequences that may wait for those. */
export const MAX_WAITING = 64
/** More than this, asked at once, is refused by an instance that does nothing else. */
export const MOST_GENERATIONS = MAX_BATCH + MAX_WAITING
