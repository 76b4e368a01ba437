import type { ReactNode } from 'react'
import { shortModelName } from '../../ui/format.ts'
import { chatStrings } from './strings.ts'
import type { OfferedModel } from '../models/model-listing.ts'

/** The options of a `select` that lists models. */
export function ModelOptions({ models }: { readonly models: readonly OfferedModel[] }): ReactNode {
  return models.map(({ modelId, loaded }) => (
    <option key={modelId} value={modelId}>
      {shortModelName(modelId)} {loaded ? '' : chatStrings.notLoaded}
    </option>
  ))
}
