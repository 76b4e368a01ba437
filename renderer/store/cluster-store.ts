import { create } from 'zustand'
import type { ClusterView } from '../../main/shared/cluster-view.ts'
import { applyPatch } from '../../main/shared/json-patch.ts'
import type { StateEvent } from '../../main/shared/wire/state-event.ts'

/** `connecting`: never yet connected; `refused`: the node asks for its token. */
export type ConnectionStatus = 'connecting' | 'live' | 'lost' | 'refused'

export interface ClusterStoreState {
  /** As last heard; null until the first snapshot. */
  readonly view: ClusterView | null
  readonly connection: ConnectionStatus
}

export const useClusterStore = create<ClusterStoreState>(() => ({ view: null, connection: 'connecting' }))

/** Takes in what the node told, in its order, as one change of the store. */
export function applyStateEvents(events: readonly StateEvent[]): void {
  useClusterStore.setState(({ view }) => ({ connection: 'live', view: events.reduce(applyStateEvent, view) }))
}

/** Patches before the first snapshot have nothing to change. */
export function applyStateEvent(view: ClusterView | null, event: StateEvent): ClusterView | null {
  if (event.type === 'snapshot') return event.state
  return view && (applyPatch(view, event.operations) as ClusterView)
}
