import { z } from 'zod'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLoadedModels } from '../../store/select-cluster.ts'
import { ModelCard } from '../../../main/shared/model-card.ts'
import { type Resource, useResource } from '../../client/use-resource.ts'

export const ListedModel = z.object({ modelId: z.string(), aliases: z.array(z.string()), loaded: z.boolean(), card: ModelCard.optional() })
export type ListedModel = z.infer<typeof ListedModel>

const ModelListing = z.object({ models: z.array(ListedModel) })

/** The catalogue; asked for again whenever a model was loaded or unloaded, or the node came back. */
export function useModels(): Resource<{ models: ListedModel[] }> {
  const loaded = useClusterStore(selectLoadedModels)
  const connection = useClusterStore((state) => state.connection)
  return useResource('/models', ModelListing, `${connection}\n${loaded}`)
}

export type ModelFilter = 'all' | 'loaded' | 'fits'

/** Loaded ones first, then by size: of a long list people look for what they have in use. */
export function filterModels(models: readonly ListedModel[], { search, filter, freeBytes }: { readonly search: string; readonly filter: ModelFilter; readonly freeBytes: number }): ListedModel[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = ({ modelId, aliases, card }: ListedModel): boolean => {
    const text = [modelId, ...aliases, card?.family ?? ''].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const passes = (model: ListedModel): boolean => filter === 'all' || model.loaded || (filter === 'fits' && fits(model, freeBytes))
  return models
    .filter((model) => matches(model) && passes(model))
    .sort((first, second) => Number(second.loaded) - Number(first.loaded) || (second.card?.weightBytes ?? 0) - (first.card?.weightBytes ?? 0) || first.modelId.localeCompare(second.modelId))
}

/** Whether the weights alone would find room; the placement preview tells for sure. */
export const fits = ({ card }: ListedModel, freeBytes: number): boolean => card !== undefined && card.weightBytes <= freeBytes

/** The model that a chat begins with: the one before, else one that is loaded, else any. */
export function preferredModel(models: readonly ListedModel[], wanted: string | null): string | null {
  const known = models.find(({ modelId }) => modelId === wanted)
  return (known ?? models.find(({ loaded }) => loaded) ?? models[0])?.modelId ?? null
}
