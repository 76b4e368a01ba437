import { join } from 'node:path'
import { openSettings } from '../node/files/node-settings.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { readHubSettings } from '../models/hub/hub-settings.ts'
import { createModelStore, type ModelStore } from '../models/store/model-store.ts'
import { listPartialModels, type PartialModel } from '../models/store/partial-models.ts'
import type { ModelPlaces } from '../models/store/remove-model.ts'
import { MODEL_FAMILIES } from '../shared/model-families.ts'
import type { ModelCard } from '../shared/model-card.ts'
import { installedFiles } from './process-host.ts'

/** The catalogue that comes with the product. */
export function readCatalogue(): Promise<ModelCard[]> {
  return readModelCards(join(installedFiles().assetsDir, 'model-cards'))
}

/** Where the user has chosen to keep models of the hub; null: nowhere else than all do. */
export async function chosenCacheDir(dataDir: string): Promise<string | null> {
  return (await openSettings(dataDir)).current().machine.modelCacheDir
}

/** What of models is there only in part, for a data folder. */
export async function openPartialModels(dataDir: string): Promise<PartialModel[]> {
  return listPartialModels(dataDir, await hubCacheDir(dataDir))
}

/** Where models of a data folder lie, to delete one. */
export async function openPlaces(dataDir: string): Promise<ModelPlaces> {
  return { store: await openStore(dataDir), dataDir, hubCacheDir: await hubCacheDir(dataDir) }
}

/** The models of a data folder, whether a node runs with it or not. */
export async function openStore(dataDir: string): Promise<ModelStore> {
  return createModelStore({
    modelsDir: join(dataDir, 'models'),
    hubCacheDir: await hubCacheDir(dataDir),
    cards: await readCatalogue(),
    knownFamilies: MODEL_FAMILIES,
  })
}

async function hubCacheDir(dataDir: string): Promise<string> {
  return (await chosenCacheDir(dataDir)) ?? (await readHubSettings(process.env)).cacheDir
}
