import { z } from 'zod'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLoadedModels } from '../../store/select-cluster.ts'
import { ModelCard } from '../../../main/shared/models/model-card.ts'
import { type Resource, useResource } from '../../services/use-resource.ts'

export const OfferedModel = z.object({ modelId: z.string(), aliases: z.array(z.string()), loaded: z.boolean(), card: ModelCard.optional() })
export type OfferedModel = z.infer<typeof OfferedModel>

/** A model that can be used: on this machine, loaded elsewhere, or in the catalogue. */
export const CatalogueRow = OfferedModel.extend({
  isHere: z.boolean(),
  isOurs: z.boolean(),
  /** The model whose weights it shares, if the user derived it from another. */
  madeFrom: z.string().optional(),
})
export type CatalogueRow = z.infer<typeof CatalogueRow>

const Catalogue = z.object({ models: z.array(CatalogueRow) })
const ModelList = z.object({ models: z.array(OfferedModel) })

/** The models that can be used now. Fetched again when a model is loaded or unloaded and when the node reconnects. */
export function useModels(): Resource<{ models: OfferedModel[] }> {
  const loaded = useClusterStore(selectLoadedModels)
  const connection = useClusterStore((state) => state.connection)
  return useResource('/models', ModelList, `${connection}\n${loaded}`)
}

/** Those, and those that could be downloaded. @param version - asked for again whenever this changes */
export function useCatalogue(version: unknown): Resource<{ models: CatalogueRow[] }> {
  const loaded = useClusterStore(selectLoadedModels)
  const connection = useClusterStore((state) => state.connection)
  return useResource('/models/catalogue', Catalogue, `${connection}\n${loaded}\n${String(version)}`)
}

export type ModelFilter = 'all' | 'here' | 'loaded' | 'fits'

/** Loaded models first, then downloaded ones, then those that fit, by size: people look for what they use. */
export function filterModels<Model extends OfferedModel & { readonly isHere?: boolean }>(
  models: readonly Model[],
  { search, filter, freeBytes }: { readonly search: string; readonly filter: ModelFilter; readonly freeBytes: number },
): Model[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = ({ modelId, aliases, card }: OfferedModel): boolean => {
    const text = [modelId, ...aliases, card?.family ?? ''].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const passes = (model: Model): boolean =>
    filter === 'all' || model.loaded || (filter === 'here' && model.isHere === true) || (filter === 'fits' && fits(model, freeBytes))
  const rank = ({ loaded, isHere }: Model): number => (loaded ? 2 : isHere === true ? 1 : 0)
  return models
    .filter((model) => matches(model) && passes(model))
    .sort(
      (first, second) =>
        rank(second) - rank(first) ||
        Number(fits(second, freeBytes)) - Number(fits(first, freeBytes)) ||
        (second.card?.weightBytes ?? 0) - (first.card?.weightBytes ?? 0) ||
        first.modelId.localeCompare(second.modelId),
    )
}

/** Whether the weights alone would fit. Only the placement preview is exact. */
const fits = ({ card }: OfferedModel, freeBytes: number): boolean => card !== undefined && card.weightBytes <= freeBytes

/** How many bytes a model lacks; null: it fits. `isEverPossible`: it would fit if all other programs were closed. */
export function missingRoom(
  { card }: OfferedModel,
  { freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number },
): { readonly missingBytes: number; readonly isEverPossible: boolean } | null {
  if (card === undefined || card.weightBytes <= freeBytes) return null
  return { missingBytes: card.weightBytes - freeBytes, isEverPossible: card.weightBytes <= totalBytes }
}

/** The model of a new chat: the last one used, else a loaded one, else any. */
export function preferredModel(models: readonly OfferedModel[], wanted: string | null): string | null {
  const known = models.find(({ modelId }) => modelId === wanted)
  return (known ?? models.find(({ loaded }) => loaded) ?? models[0])?.modelId ?? null
}
