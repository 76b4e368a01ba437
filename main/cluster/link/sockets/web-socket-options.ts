/** Longest message, and longest frame of a stream. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024
/** A peer that does not answer a close is cut off after this. */
export const CLOSE_LIMIT_MS = 1000

/** Both ends: weights and tokens do not compress, and frames have a limit. */
export const webSocketOptions = { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, closeTimeout: CLOSE_LIMIT_MS }
