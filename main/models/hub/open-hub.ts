import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { AppError } from '../../shared/app-error.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { HubHit } from '../../shared/models/hub-hit.ts'
import type { KnownFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { pastedModelId } from '../../shared/models/pasted-model-id.ts'
import { type CatalogueFacts, catalogueFactsOf, modelCardOfConfig } from '../catalogue/model-card-of-config.ts'
import type { AskedModels } from './asked-models.ts'
import { createHubFetch } from './create-hub-fetch.ts'
import { downloadModel, type DownloadedModel } from './download-model.ts'
import type { CommitOrigin } from '../files/hub-cache.ts'
import { HubClient } from './hub-client.ts'
import { isHubId } from '../files/hub-file.ts'
import { hubModelCard } from './hub-model-card.ts'
import { type HubSettings, readHubSettings } from './hub-settings.ts'

/** A request must not hang on a network that drops all packets. */
const CARD_LIMIT_MS = 30_000
/** Somebody looks at the empty list meanwhile. */
const SEARCH_LIMIT_MS = 15_000

export interface HubDependencies {
  readonly settings: HubSettings
  /** The catalogue, whose aliases name models of the hub. */
  readonly cards: readonly ModelCard[]
  readonly knownFamilies: readonly KnownFamily[]
  /** Required in a node, because other nodes request models too. Absent: every request comes from the user. */
  readonly asked?: AskedModels
  readonly clock: Clock
  readonly random: Random
}

export interface Download {
  readonly modelId: ModelId
  /** A branch, a tag or a commit. Default: `main`. */
  readonly revision?: string | undefined
  /** The origin of a revision that is a commit. */
  readonly origin?: CommitOrigin | undefined
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

/** The hub, together with this machine's cache of it. */
export interface Hub {
  readonly settings: HubSettings
  readonly client: HubClient
  /** Records that this machine's own user has requested the model. */
  noteAsked(modelId: ModelId): void
  /** The id that a name refers to, which may be an id, a link to it, or an alias of the catalogue; null: not a name of the hub. */
  idOf(name: string): ModelId | null
  /** The catalogue's card of a model, by id or alias; null: it is not in the catalogue. */
  catalogueCard(name: string): ModelCard | null
  /** As `HubClient.search`, within a time that a person waits. */
  search(text: string, limit: number, signal: AbortSignal): Promise<HubHit[]>
  /** @throws as `hubModelCard` */
  card(modelId: ModelId, signal: AbortSignal, revision?: string): Promise<ModelCard>
  /** The card of a model whose config.json is on this machine. @throws AppError `model-unsupported` | `model-damaged` */
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
  const catalogueCard = (text: string): ModelCard | null => {
    const lower = pastedModelId(text).toLowerCase()
    const isNamed = (name: string): boolean => name.toLowerCase() === lower
    return cards.find(({ modelId, aliases }) => isNamed(modelId) || aliases.some(isNamed)) ?? null
  }
  const late = (): AppError =>
    new AppError('hub-unreachable', `${settings.endpoint} does not answer in time. Check the network, the proxy settings, or HF_ENDPOINT.`)
  return {
    settings,
    client,
    noteAsked: (modelId) => asked?.note(modelId),
    catalogueCard,
    idOf(text) {
      const name = pastedModelId(text)
      return catalogueCard(name)?.modelId ?? (isHubId(name) ? (name as ModelId) : null)
    },
    search: (text, limit, signal) => withinTime((inTime) => client.search(text, limit, inTime), SEARCH_LIMIT_MS, late, clock, signal),
    card(modelId, signal, revision = MAIN_REVISION) {
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
 * Opens the hub with the settings of the environment.
 *
 * @param dependencies - `token`: from the settings; null: that of the environment. `cacheDir`: the user's folder for models;
 *   null: the cache that all clients of the hub on this machine share
 */
export async function openHub(
  {
    cacheDir = null,
    token = null,
    ...dependencies
  }: Omit<HubDependencies, 'settings'> & { readonly cacheDir?: string | null; readonly token?: string | null },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Hub> {
  const settings = await readHubSettings(environment, token)
  return createHub({ ...dependencies, settings: cacheDir === null ? settings : { ...settings, cacheDir } })
}
