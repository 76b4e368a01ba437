import { create } from 'zustand'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { applyPatch } from '../../main/shared/formats/json-patch.ts'
import type { Membership } from '../../main/shared/wire/api/membership.ts'
import type { StateEvent } from '../../main/shared/wire/api/state-event.ts'

/** `connecting`: not connected yet; `refused`: the node requires a token. */
export type ConnectionStatus = 'connecting' | 'live' | 'lost' | 'refused'

export interface ClusterStoreState {
  /** The latest known state; null until the first snapshot. */
  readonly view: ClusterView | null
  /** The node's cluster and those nearby; null until the first message. */
  readonly membership: Membership | null
  readonly connection: ConnectionStatus
}

export const useClusterStore = create<ClusterStoreState>(() => ({ view: null, membership: null, connection: 'connecting' }))

/** Applies events from the node in order, as one change of the store. */
export function applyStateEvents(events: readonly StateEvent[]): void {
  const told = events.findLast((event) => event.type === 'membership')
  useClusterStore.setState(({ view }) => ({
    connection: 'live',
    view: events.reduce(applyStateEvent, view),
    ...(told ? { membership: told.membership } : {}),
  }))
}

/** A patch before the first snapshot is ignored: there is no state to change. */
export function applyStateEvent(view: ClusterView | null, event: StateEvent): ClusterView | null {
  if (event.type === 'snapshot') return event.state
  if (event.type !== 'patch') return view
  return view && (applyPatch(view, event.operations) as ClusterView)
}
