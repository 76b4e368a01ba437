import type { ListedModel } from '../api/api-dependencies.ts'
import type { ClusterState } from '../domain/cluster/cluster-state.ts'
import type { ModelStore } from '../models/store/model-store.ts'

/** The models on this machine and those that the cluster has loaded from elsewhere. */
export async function listModels(store: ModelStore, state: ClusterState): Promise<ListedModel[]> {
  const instances = Object.values(state.instances)
  const isLoaded = (modelId: string): boolean => instances.some((instance) => instance.card.modelId === modelId && instance.status === 'ready')
  const stored = (await store.list()).models.map(({ card }) => card)
  const elsewhere = instances.map(({ card }) => card).filter((card) => !stored.some(({ modelId }) => modelId === card.modelId))
  const cards = new Map([...stored, ...elsewhere].map((card) => [card.modelId, card]))
  return [...cards.values()].map((card) => ({ modelId: card.modelId, aliases: card.aliases, loaded: isLoaded(card.modelId), card }))
}
