import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { CatalogueModel, ListedModel, ModelsPort } from '../../api/api-dependencies.ts'
import { isNamed } from '../../api/models/is-named.ts'
import { aliasesOfOthers, isUsersName } from '../../shared/models/aliases-of-others.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { ModelCapabilities } from '../../models/tokenizer/model-capabilities.ts'
import { readTokenizerFacts } from '../../models/tokenizer/read-tokenizer-files.ts'
import type { Hub } from '../../models/hub/open-hub.ts'
import type { ModelStore } from '../../models/store/model-store.ts'
import { type ModelPlaces, removeModel } from '../../models/store/remove-model.ts'
import type { DerivedModels } from '../../models/store/derived-models.ts'
import { readModelAliases } from '../../models/store/model-aliases.ts'
import { ownValue } from '../../shared/own-value.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import { findFamily, type KnownFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'

/** The models on this machine and those that the cluster has loaded from other nodes. */
async function listModels(store: ModelStore, state: ClusterState): Promise<ListedModel[]> {
  const instances = Object.values(state.instances)
  const isLoaded = (modelId: string): boolean =>
    instances.some((instance) => instance.card.modelId === modelId && instance.status === 'ready')
  const stored = (await store.list()).models.map(({ card }) => card)
  const elsewhere = instances
    .map(({ card }) => ({ ...card, aliases: aliasesOfOthers(card) }))
    .filter(({ modelId }) => !isUsersName(modelId) && !stored.some((card) => card.modelId === modelId))
  const cards = new Map([...stored, ...elsewhere].map((card) => [card.modelId, card]))
  return [...cards.values()].map((card) => {
    const contextTokens = instances.find((instance) => instance.card.modelId === card.modelId && instance.status === 'ready')?.placement
      .contextTokens
    const isLoading = instances.some(
      (instance) => instance.card.modelId === card.modelId && (instance.status === 'loading' || instance.status === 'recovering'),
    )
    return {
      modelId: card.modelId,
      aliases: card.aliases,
      loaded: isLoaded(card.modelId),
      ...(isLoading ? { isLoading } : {}),
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...(elsewhere.includes(card) ? { origin: 'cluster' as const } : {}),
      card,
    }
  })
}

/** Whether a model is a folder of this machine outside the store. Such a model has its path as its name. */
const isFolderHere = (modelId: string): boolean => isAbsolute(modelId) && existsSync(join(modelId, 'config.json'))

/** Adds the capabilities of models whose files are on this machine. */
async function withCapabilities(
  listed: readonly ListedModel[],
  store: ModelStore,
  capabilities: ModelCapabilities,
): Promise<ListedModel[]> {
  const stored = new Map((await store.list()).models.map((model) => [model.modelId as string, model.modelDir]))
  return Promise.all(
    listed.map(async (model) => {
      const modelDir = stored.get(model.modelId) ?? (isFolderHere(model.modelId) ? model.modelId : null)
      // A damaged file is reported when the model is used.
      const known = modelDir === null ? null : await capabilities.of(modelDir).catch(() => null)
      return known === null ? model : { ...model, capabilities: known }
    }),
  )
}

/** The user's derived models whose base model is listed. */
function listDerived<Model extends ListedModel>(listed: readonly Model[], derived: Awaited<ReturnType<DerivedModels['list']>>): Model[] {
  return derived.flatMap(([name, model]) => {
    const base = listed.find(({ modelId }) => modelId === model.from)
    return base ? [{ ...base, modelId: name, aliases: [], derived: model }] : []
  })
}

/** The listed models, plus the catalogue's models that are not on this machine. */
async function listCatalogue(store: ModelStore, cards: readonly ModelCard[], state: ClusterState): Promise<CatalogueModel[]> {
  const listed = await listModels(store, state)
  const stored = new Map((await store.list()).models.map((model) => [model.modelId as string, model]))
  const others = cards
    .filter((card) => !listed.some(({ modelId }) => modelId === card.modelId))
    .map((card) => ({ modelId: card.modelId, aliases: card.aliases, loaded: false, card }))
  return [...listed, ...others].map((model) => ({
    ...model,
    isHere: stored.has(model.modelId) || isFolderHere(model.modelId),
    isOurs: stored.get(model.modelId)?.isOurs ?? false,
  }))
}

export interface ModelsPortDependencies extends ModelPlaces {
  readonly cards: readonly ModelCard[]
  readonly families: readonly KnownFamily[]
  readonly derived: DerivedModels
  readonly hub: Pick<Hub, 'search'>
  readonly signal: AbortSignal
  state(): ClusterState
  /** Whether the model is being downloaded to this node. */
  isDownloading(modelId: ModelId): boolean
}

/** Lists and deletes the models of a node, for its API. */
export function createModelsForApi({
  cards,
  families,
  derived,
  hub,
  signal,
  state,
  isDownloading,
  ...places
}: ModelsPortDependencies): ModelsPort {
  const refuseInUse = async (modelId: ModelId): Promise<void> => {
    if (isDownloading(modelId)) throw new AppError('model-in-use', `${modelId} is being downloaded. Cancel that first.`, { model: modelId })
    const isLoaded = Object.values(state().instances).some(({ card }) => card.modelId === modelId)
    if (isLoaded) throw new AppError('model-in-use', `${modelId} is loaded. Unload it first.`, { model: modelId })
  }
  const capabilities = new ModelCapabilities()
  return {
    alias: async (name) => ownValue(await readModelAliases(places.dataDir), name) ?? null,
    derived: (name) => derived.find(name),
    async derive(name, model) {
      const named = (await listCatalogue(places.store, cards, state())).find((listed) => isNamed(listed, name))
      if (named)
        throw new AppError('name-ambiguous', `The name ${name} already refers to the model ${named.modelId}. Choose another.`, {
          model: name,
        })
      await derived.set(name, model)
    },
    async tokenizerFacts(modelId) {
      const stored = (await places.store.list()).models.find((model) => model.modelId === modelId)
      const modelDir = stored?.modelDir ?? (isFolderHere(modelId) ? modelId : null)
      return modelDir === null ? null : readTokenizerFacts(modelDir)
    },
    isSupported: (family) => findFamily(families, family) !== undefined,
    searchHub: (words, limit) => hub.search(words, limit, signal),
    async list() {
      const listed = await withCapabilities(await listModels(places.store, state()), places.store, capabilities)
      return [...listed, ...listDerived(listed, await derived.list())]
    },
    async catalogue() {
      const aliases = Object.entries(await readModelAliases(places.dataDir))
      const rows = (await listCatalogue(places.store, cards, state())).map((row) => ({
        ...row,
        aliases: [...row.aliases, ...aliases.flatMap(([alias, name]) => (isNamed(row, name) ? [alias] : []))],
      }))
      return [...rows, ...listDerived(rows, await derived.list()).map((made) => ({ ...made, isOurs: true }))]
    },
    remove: async (model) =>
      (await derived.remove(model)) ? { modelId: model } : { modelId: await removeModel(places, model, refuseInUse) },
  }
}
