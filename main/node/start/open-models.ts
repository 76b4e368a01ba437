import { join } from 'node:path'
import { readAcceptedCatalogue, withAcceptedCards } from '../../models/catalogue/accepted-catalogue.ts'
import { readModelCards } from '../../models/catalogue/read-model-cards.ts'
import { AskedModels } from '../../models/hub/asked-models.ts'
import { type Hub, openHub } from '../../models/hub/open-hub.ts'
import { DerivedModels } from '../../models/store/derived-models.ts'
import { ModelSettingsFile } from '../../models/store/model-settings-file.ts'
import { createModelStore, type ModelStore } from '../../models/store/model-store.ts'
import type { DescribedFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import type { NodeSurroundings } from './node-surroundings.ts'

/** The models on this machine and on the hub, with their users' settings and derived models. */
export interface NodeModels {
  readonly cards: readonly ModelCard[]
  /** The families beyond the built-in ones. */
  readonly families: readonly DescribedFamily[]
  readonly hub: Hub
  readonly store: ModelStore
  readonly derived: DerivedModels
  readonly settings: ModelSettingsFile
}

export async function openModels(
  { config, host, clock, random, disk }: NodeSurroundings,
  /** null: the default cache, and no token but the environment's. */
  { cacheDir, token }: { readonly cacheDir: string | null; readonly token: string | null },
): Promise<NodeModels> {
  const accepted = await readAcceptedCatalogue(config.dataDir)
  const { families } = accepted
  const cards = withAcceptedCards(await readModelCards(join(host.assetsDir, 'model-cards')), accepted.cards)
  const knownFamilies = [...MODEL_FAMILIES, ...families]
  const hub = await openHub({ cacheDir, token, cards, knownFamilies, asked: new AskedModels(), clock, random })
  const store = createModelStore({
    modelsDir: join(config.dataDir, 'models'),
    hubCacheDir: hub.settings.cacheDir,
    cards,
    knownFamilies,
  })
  return {
    cards,
    families,
    hub,
    store,
    derived: new DerivedModels(config.dataDir, disk),
    settings: new ModelSettingsFile(config.dataDir, disk),
  }
}
