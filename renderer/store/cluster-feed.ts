import type { StateEvent } from '../../main/shared/wire/api/state-event.ts'
import { type StateWatch, watchState } from '../client/watch-state.ts'
import { applyStateEvents, useClusterStore } from './cluster-store.ts'

/** Changes within this time are rendered together. Nodes report at the same interval. */
const GATHER_MS = 100
/** A hidden page's timers are throttled, so pending events are applied once there are this many. */
const MOST_WAITING = 1000

export interface ClusterFeedOptions {
  readonly apiUrl: string
  readonly token: () => string | null
  /** Whether the node rejects this page's token. */
  readonly isRefused: () => Promise<boolean>
  /** A chat has changed, or the connection is new. */
  readonly onChats: () => void
}

/** Keeps the cluster store in sync with the node, as long as the page is open. */
export function startClusterFeed({ apiUrl, token, isRefused, onChats }: ClusterFeedOptions): StateWatch {
  const waiting: StateEvent[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    applyStateEvents(waiting.splice(0))
  }
  return watchState({
    openSocket: () => {
      const apiToken = token()
      const query = apiToken ? `&access_token=${encodeURIComponent(apiToken)}` : ''
      return new WebSocket(`${apiUrl.replace(/^http/, 'ws')}/events?chats${query}`)
    },
    onEvent: (event) => {
      if (event.type === 'chats') return onChats()
      waiting.push(event)
      if (waiting.length >= MOST_WAITING) flush()
      else timer ??= setTimeout(flush, GATHER_MS)
    },
    onLost: () => {
      waiting.length = 0
      useClusterStore.setState(({ view }) => ({ connection: view === null ? 'connecting' : 'lost' }))
      void isRefused().then((refused) => {
        if (refused) useClusterStore.setState({ connection: 'refused' })
      })
    },
    setTimer: (callback, delayMs) => {
      const retry = setTimeout(callback, delayMs)
      return () => clearTimeout(retry)
    },
  })
}
