/** Longest message, and longest frame of a stream. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024
/** Longest chunk of a stream. */
export const MAX_CHUNK_BYTES = 256 * 1024
