import type { CatalogueModel, ListedModel, ModelsPort } from '../api/api-dependencies.ts'
import type { ClusterState } from '../domain/cluster/cluster-state.ts'
import type { ModelStore } from '../models/store/model-store.ts'
import { AppError } from '../shared/app-error.ts'
import type { ModelCard } from '../shared/model-card.ts'

/** The models on this machine and those that the cluster has loaded from elsewhere. */
export async function listModels(store: ModelStore, state: ClusterState): Promise<ListedModel[]> {
  const instances = Object.values(state.instances)
  const isLoaded = (modelId: string): boolean => instances.some((instance) => instance.card.modelId === modelId && instance.status === 'ready')
  const stored = (await store.list()).models.map(({ card }) => card)
  const elsewhere = instances.map(({ card }) => card).filter((card) => !stored.some(({ modelId }) => modelId === card.modelId))
  const cards = new Map([...stored, ...elsewhere].map((card) => [card.modelId, card]))
  return [...cards.values()].map((card) => ({ modelId: card.modelId, aliases: card.aliases, loaded: isLoaded(card.modelId), card }))
}

/** Those, and those of the catalogue that are not here yet. */
export async function listCatalogue(store: ModelStore, cards: readonly ModelCard[], state: ClusterState): Promise<CatalogueModel[]> {
  const listed = await listModels(store, state)
  const stored = new Map((await store.list()).models.map((model) => [model.modelId as string, model]))
  const others = cards.filter((card) => !listed.some(({ modelId }) => modelId === card.modelId)).map((card) => ({ modelId: card.modelId, aliases: card.aliases, loaded: false, card }))
  return [...listed, ...others].map((model) => ({ ...model, isHere: stored.has(model.modelId), isOurs: stored.get(model.modelId)?.isOurs ?? false }))
}

/** The models of a node, as its API shows and deletes them. */
export function createModelsPort(store: ModelStore, cards: readonly ModelCard[], state: () => ClusterState): ModelsPort {
  return {
    list: () => listModels(store, state()),
    catalogue: () => listCatalogue(store, cards, state()),
    async remove(model) {
      const { modelId } = await store.resolve(model)
      const isInUse = Object.values(state().instances).some(({ card }) => card.modelId === modelId)
      if (isInUse) throw new AppError('model-in-use', `${modelId} is loaded. Unload it first.`, { model: modelId })
      return { modelId: (await store.remove(modelId)).modelId }
    },
  }
}
