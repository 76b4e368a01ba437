import { join } from 'node:path'
import { openSettings } from '../node/files/node-settings.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { readHubSettings } from '../models/hub/hub-settings.ts'
import { createModelStore, type ModelStore } from '../models/store/model-store.ts'
import { listPartialModels, type PartialModel } from '../models/store/partial-models.ts'
import type { ModelPlaces } from '../models/store/remove-model.ts'
import { MODEL_FAMILIES } from '../shared/models/model-families.ts'
import type { ModelCard } from '../shared/models/model-card.ts'
import { installedFiles } from './process-host.ts'

/** The built-in catalogue. */
export function readCatalogue(): Promise<ModelCard[]> {
  return readModelCards(join(installedFiles().assetsDir, 'model-cards'))
}

/** The folder that the user chose for downloaded models; null: the default of the Hugging Face cache. */
export async function chosenCacheDir(dataDir: string): Promise<string | null> {
  return (await openSettings(dataDir)).current().machine.modelCacheDir
}

/** The partial downloads of a data folder. */
export async function openPartialModels(dataDir: string): Promise<PartialModel[]> {
  return listPartialModels(dataDir, await hubCacheDir(dataDir))
}

/** All places that hold models of a data folder, for deleting one. */
export async function openPlaces(dataDir: string): Promise<ModelPlaces> {
  return { store: await openStore(dataDir), dataDir, hubCacheDir: await hubCacheDir(dataDir) }
}

/** The models of a data folder, whether or not a node is running with it. */
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
