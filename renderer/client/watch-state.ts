import { parseTolerantly } from '../../main/shared/wire/peer/parse-tolerantly.ts'
import { StateEvent } from '../../main/shared/wire/api/state-event.ts'

/** The part of a WebSocket that is used. */
export type StateSocket = Pick<WebSocket, 'onmessage' | 'onclose' | 'close'>

export interface WatchStateOptions {
  readonly openSocket: () => StateSocket
  readonly onEvent: (event: StateEvent) => void
  /** The connection is gone or could not be made; it is tried again after `retryMs`. */
  readonly onLost: (retryMs: number) => void
  readonly setTimer: (callback: () => void, delayMs: number) => () => void
}

export interface StateWatch {
  /** Tries at once, such as when the computer woke up or the user asked. */
  retryNow(): void
  stop(): void
}

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 5_000

/** Follows `/events` for as long as it is not stopped, over lost connections. Each connection begins with a snapshot. */
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
      if (!event.success) return socket.close() // what it says cannot be followed
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
