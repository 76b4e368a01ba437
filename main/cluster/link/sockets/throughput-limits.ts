/** The path at which a node sends zeros to its peers, outside the links. */
export const THROUGHPUT_PATH = '/throughput'
/** A measurement ends at whichever limit is reached first. */
export const THROUGHPUT_BYTES = 256 * 1024 * 1024
export const THROUGHPUT_MS = 1_000
