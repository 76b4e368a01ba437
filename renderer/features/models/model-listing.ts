import { z } from 'zod'
import { useClusterStore } from '../../store/cluster-store.ts'
import { selectLoadedModels } from '../../store/select-cluster.ts'
import { ModelCard } from '../../../main/shared/models/model-card.ts'
import { type Resource, useResource } from '../../services/use-resource.ts'

export const OfferedModel = z.object({
  modelId: z.string(),
  aliases: z.array(z.string()),
  loaded: z.boolean(),
  /** Of the loaded model, which may be less than the model's own. */
  contextTokens: z.number().optional(),
  card: ModelCard.optional(),
  /** `cluster`: the cluster describes it, and no complete copy here confirms that. */
  origin: z.literal('cluster').optional(),
})
export type OfferedModel = z.infer<typeof OfferedModel>

/** A model that can be used: on this machine, loaded elsewhere, or in the catalogue. */
export const CatalogueRow = OfferedModel.extend({
  capabilities: z.array(z.string()).default([]),
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

/** The model of a new chat: the last one used, else a loaded one, else any. */
export function preferredModel(models: readonly OfferedModel[], wanted: string | null): string | null {
  const known = models.find(({ modelId }) => modelId === wanted)
  return (known ?? models.find(({ loaded }) => loaded) ?? models[0])?.modelId ?? null
}
