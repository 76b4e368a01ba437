import type { ClusterView } from '../../../../main/shared/cluster-view.ts'
import type { OfferedModel } from '../../models/model-listing.ts'
import { modelStatus, type ModelStatus } from '../../models/model-status.ts'

/** A model that a chat can use, as its picker shows it. */
export interface ModelChoice {
  /** Of the model. */
  readonly id: string
  readonly loaded: boolean
  readonly weightBytes: number | null
  readonly status: ModelStatus
  /** The names of the machines that have it in memory. */
  readonly machines: readonly string[]
  /** Other words by which it is found. */
  readonly aliases: readonly string[]
}

type View = Pick<ClusterView, 'instances' | 'downloads' | 'nodes'> | null

/** Those in memory first, then by name. */
export function modelChoices(models: readonly OfferedModel[], view: View): ModelChoice[] {
  return models
    .map(({ modelId, loaded, aliases, card }) => ({
      id: modelId,
      loaded,
      weightBytes: card?.weightBytes ?? null,
      status: modelStatus(view, modelId),
      machines: machinesOf(view, modelId),
      aliases,
    }))
    .sort((first, second) => Number(isInUse(second)) - Number(isInUse(first)) || first.id.localeCompare(second.id, 'en', { numeric: true }))
}

const isInUse = ({ loaded, status }: ModelChoice): boolean => loaded || status.kind !== 'idle'

function machinesOf(view: View, modelId: string): string[] {
  const nodes: Readonly<Record<string, { readonly name: string }>> = view?.nodes ?? {}
  const instances = Object.values(view?.instances ?? {}).filter((instance) => instance.modelId === modelId && instance.status === 'ready')
  const ids = new Set(instances.flatMap(({ shards }) => shards.map(({ nodeId }) => nodeId)))
  return [...ids].flatMap((nodeId) => nodes[nodeId]?.name ?? [])
}

/** Those that have all the words of a text in their name, other names or machines. */
export function findChoices(choices: readonly ModelChoice[], text: string): ModelChoice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return choices.filter(({ id, aliases, machines }) => {
    const searched = [id, ...aliases, ...machines].join(' ').toLowerCase()
    return words.every((word) => searched.includes(word))
  })
}
