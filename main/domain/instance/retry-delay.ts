const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 10_000

/** How long failed shards stay so before the instance is placed again: the first time not at all, then twice as long each time. */
export function retryDelayMs(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1))
}
