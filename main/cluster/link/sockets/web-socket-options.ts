import { MAX_FRAME_BYTES } from '../../../shared/wire/peer/frame-limits.ts'

/** A peer that does not answer a close is disconnected after this time. */
export const CLOSE_LIMIT_MS = 1000

/** For both ends: weights and tokens do not compress, and frames have a size limit. */
export const webSocketOptions = { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, closeTimeout: CLOSE_LIMIT_MS }
