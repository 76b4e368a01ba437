import type { ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { selectModelStates } from '../../store/select-cluster.ts'
import { useClusterStore } from '../../store/cluster-store.ts'
import { shortModelName } from '../../ui/format.ts'
import { chatStrings } from './strings.ts'
import type { OfferedModel } from '../models/model-listing.ts'

/** The options of a `select` that lists models, each with its state unless it is ready. */
export function ModelOptions({ models }: { readonly models: readonly OfferedModel[] }): ReactNode {
  const states = useClusterStore(useShallow(selectModelStates))
  return models.map(({ modelId, loaded }) => {
    const state = states[modelId]
    const told =
      state === 'ready' || (state === undefined && loaded)
        ? ''
        : state === undefined
          ? chatStrings.notLoaded
          : chatStrings.modelStates[state]
    return (
      <option key={modelId} value={modelId}>
        {shortModelName(modelId)} {told}
      </option>
    )
  })
}
