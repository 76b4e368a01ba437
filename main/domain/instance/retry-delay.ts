const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 10_000

/** The delay before an instance with failed shards is placed again: none the first time, and doubled each time after that. */
export function retryDelayMs(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1))
}
