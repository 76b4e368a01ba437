import { parseTolerantly } from '../../main/shared/wire/peer/parse-tolerantly.ts'
import { StateEvent } from '../../main/shared/wire/api/state-event.ts'

/** The part of WebSocket that this file uses. */
export type StateSocket = Pick<WebSocket, 'onmessage' | 'onclose' | 'close'>

export interface WatchStateOptions {
  readonly openSocket: () => StateSocket
  readonly onEvent: (event: StateEvent) => void
  /** The connection closed or could not be opened. The next attempt is in `retryMs`. */
  readonly onLost: (retryMs: number) => void
  readonly setTimer: (callback: () => void, delayMs: number) => () => void
}

export interface StateWatch {
  /** Reconnects at once, for example when the computer wakes up or the user asks. */
  retryNow(): void
  stop(): void
}

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 5_000

/** Follows `/events` until it is stopped, and reconnects when the connection is lost. Each connection starts with a snapshot. */
export function watchState(options: WatchStateOptions): StateWatch {
  let retryMs = FIRST_RETRY_MS
  let cancelRetry: (() => void) | null = null
  let current: StateSocket | null = null

  const connect = (): void => {
    cancelRetry?.()
    cancelRetry = null
    const socket = options.openSocket()
    current = socket
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const event = parseTolerantly(StateEvent, typeof data === 'string' ? JSON.parse(data) : null)
      if (!event.success) return socket.close() // an unknown event leaves the state unknown
      retryMs = FIRST_RETRY_MS
      options.onEvent(event.data)
    }
    socket.onclose = () => {
      if (current !== socket) return
      current = null
      options.onLost(retryMs)
      cancelRetry = options.setTimer(connect, retryMs)
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
    }
  }
  const drop = (): void => {
    const socket = current
    current = null
    socket?.close()
    cancelRetry?.()
    cancelRetry = null
  }
  connect()
  return {
    retryNow() {
      if (current !== null) return
      retryMs = FIRST_RETRY_MS
      connect()
    },
    stop: drop,
  }
}
