import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { type CatalogueFacts, catalogueFactsOf, modelCardOfConfig } from '../catalogue/model-card-of-config.ts'
import type { AskedModels } from './asked-models.ts'
import { createHubFetch } from './create-hub-fetch.ts'
import { downloadModel, type DownloadedModel } from './download-model.ts'
import type { CommitOrigin } from '../files/hub-cache.ts'
import { HubClient } from './hub-client.ts'
import { isHubId } from '../files/hub-file.ts'
import { hubModelCard } from './hub-model-card.ts'
import { type HubSettings, readHubSettings } from './hub-settings.ts'

/** A request for a model must not hang on a network that swallows everything. */
const CARD_LIMIT_MS = 30_000

export interface HubDependencies {
  readonly settings: HubSettings
  /** The catalogue: its aliases name models of the hub. */
  readonly cards: readonly ModelCard[]
  readonly knownFamilies: readonly string[]
  /** Needed in a node, of which other nodes ask for models too. Absent: every request is the user's. */
  readonly asked?: AskedModels
  readonly clock: Clock
  readonly random: Random
}

export interface Download {
  readonly modelId: ModelId
  /** A branch, a tag or a commit. Default: `main`. */
  readonly revision?: string | undefined
  /** Of a commit. */
  readonly origin?: CommitOrigin | undefined
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

/** The hub, with the cache that this machine has of it. */
export interface Hub {
  readonly settings: HubSettings
  readonly client: HubClient
  /** This machine's own user has asked for the model. */
  noteAsked(modelId: ModelId): void
  /** The id that a name means: an id as it is, an alias of the catalogue; null: no name of the hub's. */
  idOf(name: string): ModelId | null
  /** @throws as `hubModelCard` */
  card(modelId: ModelId, signal: AbortSignal, revision?: string): Promise<ModelCard>
  /** The card of a model whose config.json is here. @throws AppError `model-unsupported` | `model-damaged` */
  describe(modelId: ModelId, config: Readonly<Record<string, unknown>>, weightBytes: number): ModelCard
  /** @throws as `downloadModel` */
  download(download: Download): Promise<DownloadedModel>
}

function createHub({ settings, cards, knownFamilies, asked, clock, random }: HubDependencies): Hub {
  const client = new HubClient({
    settings,
    fetch: createHubFetch(settings),
    clock,
    random,
    ...(asked ? { isAsked: (modelId) => asked.has(modelId) } : {}),
  })
  const factsOf = (modelId: ModelId): CatalogueFacts | undefined => {
    const known = cards.find((card) => card.modelId === modelId)
    return known && catalogueFactsOf(known)
  }
  return {
    settings,
    client,
    noteAsked: (modelId) => asked?.note(modelId),
    idOf(name) {
      const lower = name.toLowerCase()
      const card = cards.find(
        ({ modelId, aliases }) => modelId.toLowerCase() === lower || aliases.some((alias) => alias.toLowerCase() === lower),
      )
      return card?.modelId ?? (isHubId(name) ? (name as ModelId) : null)
    },
    card(modelId, signal, revision = MAIN_REVISION) {
      const late = (): AppError =>
        new AppError(
          'hub-unreachable',
          `${settings.endpoint} does not answer in time. Check the network, the proxy settings, or HF_ENDPOINT.`,
        )
      return withinTime(
        (inTime) => hubModelCard(client, { modelId, revision }, knownFamilies, factsOf(modelId), inTime),
        CARD_LIMIT_MS,
        late,
        clock,
        signal,
      )
    },
    describe: (modelId, config, weightBytes) => modelCardOfConfig(modelId, config, weightBytes, knownFamilies, factsOf(modelId)),
    download: (download) => downloadModel({ client, cacheDir: settings.cacheDir, clock, random, ...download }),
  }
}

/**
 * The hub as the environment has it.
 *
 * @param dependencies - `cacheDir`: where the user keeps models; null: where every client of the hub on this machine does
 */
export async function openHub(
  { cacheDir = null, ...dependencies }: Omit<HubDependencies, 'settings'> & { readonly cacheDir?: string | null },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Hub> {
  const settings = await readHubSettings(environment)
  return createHub({ ...dependencies, settings: cacheDir === null ? settings : { ...settings, cacheDir } })
}
