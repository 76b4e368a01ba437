/** Sequences of one instance that are decoded together. */
export const MAX_BATCH = 8
/** Sequences that may wait for those. */
export const MAX_WAITING = 64
/** Even an idle instance refuses more generations than this at once. */
export const MOST_GENERATIONS = MAX_BATCH + MAX_WAITING
