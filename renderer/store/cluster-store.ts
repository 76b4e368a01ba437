import { create } from 'zustand'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { applyPatch } from '../../main/shared/formats/json-patch.ts'
import type { Membership } from '../../main/shared/wire/api/membership.ts'
import type { StateEvent } from '../../main/shared/wire/api/state-event.ts'

/** `connecting`: never yet connected; `refused`: the node asks for its token. */
export type ConnectionStatus = 'connecting' | 'live' | 'lost' | 'refused'

export interface ClusterStoreState {
  /** As last heard; null until the first snapshot. */
  readonly view: ClusterView | null
  /** The cluster that the node is in, and those nearby; null until first told. */
  readonly membership: Membership | null
  readonly connection: ConnectionStatus
}

export const useClusterStore = create<ClusterStoreState>(() => ({ view: null, membership: null, connection: 'connecting' }))

/** Takes in what the node told, in its order, as one change of the store. */
export function applyStateEvents(events: readonly StateEvent[]): void {
  const told = events.findLast((event) => event.type === 'membership')
  useClusterStore.setState(({ view }) => ({
    connection: 'live',
    view: events.reduce(applyStateEvent, view),
    ...(told ? { membership: told.membership } : {}),
  }))
}

/** Patches before the first snapshot have nothing to change. */
export function applyStateEvent(view: ClusterView | null, event: StateEvent): ClusterView | null {
  if (event.type === 'snapshot') return event.state
  if (event.type === 'membership') return view
  return view && (applyPatch(view, event.operations) as ClusterView)
}
