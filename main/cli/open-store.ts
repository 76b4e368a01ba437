import { join } from 'node:path'
import { openSettings } from '../node/files/node-settings.ts'
import { readAcceptedCatalogue, withAcceptedCards } from '../models/catalogue/accepted-catalogue.ts'
import { readModelCards } from '../models/catalogue/read-model-cards.ts'
import { readHubSettings } from '../models/hub/hub-settings.ts'
import { createModelStore, type ModelStore } from '../models/store/model-store.ts'
import { listPartialModels, type PartialModel } from '../models/store/partial-models.ts'
import type { ModelPlaces } from '../models/store/remove-model.ts'
import { MODEL_FAMILIES } from '../shared/models/model-families.ts'
import type { KnownFamily } from '../shared/models/described-family.ts'
import type { ModelCard } from '../shared/models/model-card.ts'
import { installedFiles } from './process-host.ts'

/** The built-in cards. */
export function readBuiltInCards(): Promise<ModelCard[]> {
  return readModelCards(join(installedFiles().assetsDir, 'model-cards'))
}

/** The cards and families that this program and the catalogue of a data folder know. */
export async function readCatalogue(dataDir: string): Promise<{ cards: readonly ModelCard[]; knownFamilies: readonly KnownFamily[] }> {
  const accepted = await readAcceptedCatalogue(dataDir)
  return {
    cards: withAcceptedCards(await readBuiltInCards(), accepted.cards),
    knownFamilies: [...MODEL_FAMILIES, ...accepted.families],
  }
}

/** The folder that the user chose for downloaded models; null: the default of the Hugging Face cache. */
export async function chosenCacheDir(dataDir: string): Promise<string | null> {
  return (await openSettings(dataDir)).current().machine.modelCacheDir
}

/** The token of the hub in the settings; null: none. */
export async function chosenHubToken(dataDir: string): Promise<string | null> {
  return (await openSettings(dataDir)).current().hubToken
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
    ...(await readCatalogue(dataDir)),
  })
}

async function hubCacheDir(dataDir: string): Promise<string> {
  return (await chosenCacheDir(dataDir)) ?? (await readHubSettings(process.env)).cacheDir
}
