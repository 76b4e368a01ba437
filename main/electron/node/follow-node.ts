import { WebSocket } from 'ws'
import type { Clock } from '../../platform/clock.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import { applyPatch } from '../../shared/formats/json-patch.ts'
import type { Membership } from '../../shared/wire/api/membership.ts'
import { parseTolerantly } from '../../shared/wire/peer/parse-tolerantly.ts'
import { StateEvent } from '../../shared/wire/api/state-event.ts'
import { authorization, type NodeAccess } from './node-access.ts'

const RETRY_MS = 500
/** Enough for a snapshot of a large cluster; the node's own limit is lower. */
const MAX_MESSAGE_BYTES = 16 << 20

/** The state that a node reports; null while it does not. */
export interface FollowedNode {
  readonly view: ClusterView | null
  readonly membership: Membership | null
}

const nothing: FollowedNode = { view: null, membership: null }

/**
 * Reports the state of a node until `signal` aborts, and reconnects after a lost connection.
 *
 * @param apiToken - null: the node requires none
 */
export function followNode(
  { apiUrl, apiToken }: NodeAccess,
  onView: (told: FollowedNode) => void,
  clock: Clock,
  signal: AbortSignal,
): void {
  const connect = (): void => {
    let told = nothing
    const socket = new WebSocket(`${apiUrl.replace(/^http/, 'ws')}/events`, {
      maxPayload: MAX_MESSAGE_BYTES,
      headers: authorization(apiToken),
    })
    const close = (): void => socket.terminate()
    signal.addEventListener('abort', close, { once: true })
    // `close` follows and reconnects.
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const event = parseTolerantly(StateEvent, JSON.parse(data.toString()))
      if (!event.success) return close() // an unknown event leaves the state unknown
      told = applyStateEvent(told, event.data)
      onView(told)
    })
    socket.on('close', () => {
      signal.removeEventListener('abort', close)
      if (signal.aborted) return
      onView(nothing)
      clock.sleep(RETRY_MS, signal).then(connect, () => undefined)
    })
  }
  connect()
}

function applyStateEvent(told: FollowedNode, event: StateEvent): FollowedNode {
  switch (event.type) {
    case 'snapshot':
      return { ...told, view: event.state }
    case 'patch':
      return { ...told, view: told.view && (applyPatch(told.view, event.operations) as ClusterView) }
    case 'membership':
      return { ...told, membership: event.membership }
    case 'chats':
      return told
  }
}
