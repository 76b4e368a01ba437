/** The path at which a node receives more data than one packet holds and sends the same amount back. */
export const LARGE_PACKETS_PATH = '/large-packets'
/** More than the largest packet of any network between machines, a jumbo frame of 9,000 bytes. */
export const LARGE_PACKETS_BYTES = 12 * 1024
