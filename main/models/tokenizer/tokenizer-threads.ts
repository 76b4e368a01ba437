import { createTokenizerThread, type TokenizerThread, type TokenizerThreadOptions } from './tokenizer-thread-client.ts'
import type { TokenizerAnswer, TokenizerCommand } from './tokenizer-message.ts'

/** A longer prompt may take a second, so it gets its own thread and others do not wait behind it. */
const LONG_BYTES = 64 << 10
/** A vocabulary takes some hundred megabytes, so the second thread ends when no long prompt arrives for this long. */
const IDLE_MS = 60_000

export interface TokenizerThreads extends Pick<TokenizerThread, 'start' | 'close'> {
  /** Like a single thread. @param inputBytes - decides which thread handles it */
  request(command: TokenizerCommand, inputBytes: number, signal: AbortSignal): Promise<TokenizerAnswer>
}

/** One thread for short prompts, and a second one for long prompts when they arrive. */
export function createTokenizerThreads(options: TokenizerThreadOptions): TokenizerThreads {
  const quick = createTokenizerThread(options)
  let long: TokenizerThread | null = null
  let longRequests = 0
  let isClosed = false
  let idle = new AbortController()

  const closeLong = async (): Promise<void> => {
    const thread = long
    long = null
    await thread?.close()
  }
  const requestLong = async (command: TokenizerCommand, signal: AbortSignal): Promise<TokenizerAnswer> => {
    idle.abort()
    long ??= createTokenizerThread(options)
    longRequests++
    try {
      return await long.request(command, signal)
    } finally {
      longRequests--
      if (longRequests === 0) {
        idle = new AbortController()
        options.clock.sleep(IDLE_MS, idle.signal).then(closeLong, () => undefined) // another long prompt arrived, or everything is closed
      }
    }
  }
  return {
    start: (signal) => quick.start(signal),
    request: (command, inputBytes, signal) =>
      inputBytes > LONG_BYTES && !isClosed ? requestLong(command, signal) : quick.request(command, signal),
    close: async () => {
      isClosed = true
      idle.abort()
      await Promise.all([quick.close(), closeLong()])
    },
  }
}
