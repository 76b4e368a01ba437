import type { ClusterView, InstanceView, LinkView } from '../shared/cluster-view.ts'
import type { DerivedModel } from '../shared/wire/api/derived-model.ts'
import type { DownloadReport } from '../shared/models/download.ts'
import type { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'
import type { InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import type { ModelCapability } from '../shared/models/model-capability.ts'
import type { ModelSettings } from '../shared/models/model-settings.ts'
import type { ModelCard } from '../shared/models/model-card.ts'
import type { ResponseJournalPort } from './openai/responses/stored-responses.ts'
import type { TrifurcatedGroup } from '../shared/wire/api/trifurcated.ts'
import type { DoctorAnswer } from '../shared/wire/api/doctor.ts'
import type { JoinClusterRequest, Membership } from '../shared/wire/api/membership.ts'
import type { NewTokenAnswer, TokenListing, TokenRights } from '../shared/wire/api/api-tokens.ts'
import type { ChosenSettings, SettingsAnswer } from '../shared/wire/api/node-settings.ts'

export interface InferencePort {
  /** Fails with an `AppError` of an `InferenceErrorCode`. Aborting `signal` frees the request's slot and ends the iteration. */
  infer(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart>
  /** Ends a request with what it has so far. False: no such request runs. */
  cancel(requestId: string): boolean
}

export interface ListedModel {
  readonly modelId: string
  readonly aliases: readonly string[]
  readonly loaded: boolean
  /** An instance of it is on its way. */
  readonly isLoading?: boolean
  /** What its instance holds; absent where none is loaded. */
  readonly contextTokens?: number
  readonly card?: ModelCard
  /** By its files; absent: they are not on this machine. */
  readonly capabilities?: readonly ModelCapability[]
  /** It is one that the user has made of another model; absent: it is a model of its own. */
  readonly derived?: DerivedModel
}

/** A model that one may have. */
export interface CatalogueModel extends ListedModel {
  /** Its files are whole on this machine. */
  readonly isHere: boolean
  /** This program may delete them. */
  readonly isOurs: boolean
}

export interface ModelsPort {
  list(): Promise<readonly ListedModel[]>
  /** Those, and those of the catalogue that are not here yet. */
  catalogue(): Promise<readonly CatalogueModel[]>
  /** What the user has made under this name; null: nothing. */
  derived(name: string): Promise<DerivedModel | null>
  /** Makes a model of another, in place of one that was made before. @throws AppError `invalid-request` | `name-ambiguous` */
  derive(name: string, model: DerivedModel): Promise<void>
  /**
   * Deletes the files; of a derived model its name and texts alone.
   * @throws AppError `model-not-found` | `model-not-ours` | `model-in-use`
   */
  remove(model: string): Promise<{ readonly modelId: string }>
  /** The model that the user has given this name to; null: none. */
  alias(name: string): Promise<string | null>
}

/** What the user of this node has set for single models. */
export interface ModelSettingsPort {
  /** By the models' ids. */
  all(): Promise<Readonly<Record<string, ModelSettings>>>
  /** In place of those that it had. @throws AppError `model-not-found` */
  set(model: string, settings: ModelSettings): Promise<{ readonly modelId: string; readonly settings: ModelSettings }>
}

/** Downloads of every node of the cluster, by their ids. */
export interface DownloadsPort {
  /**
   * To this node, at a branch, a tag or a commit. `download` is null where the model is here.
   * @throws AppError `invalid-request` | `too-many-downloads`, and those of the hub
   */
  start(model: string, revision: string): Promise<{ readonly modelId: string; readonly download: DownloadReport | null }>
  /** @throws AppError `download-not-found`; so do the others */
  find(id: string): Promise<DownloadReport>
  pause(id: string): Promise<DownloadReport>
  resume(id: string): Promise<DownloadReport>
  cancel(id: string): Promise<void>
}

/** What a client asks of placement; null: the cluster chooses. */
export interface InstancePlacementRequest {
  readonly modelId: string
  readonly sharding: 'pipeline' | 'tensor' | null
  readonly backend: 'ring' | 'jaccl' | null
  readonly minNodes: number | null
  readonly contextTokens: number | null
  /** As the client named it. */
  readonly draftModel: string | null
}

export interface ClusterPort {
  nodeId(): string
  state(): ClusterView
  /** Calls `listener` after each change of the state, until `signal` aborts. */
  onState(listener: () => void, signal: AbortSignal): void
  /** null: no such instance. */
  instance(instanceId: string): InstanceView | null
  placeInstance(request: InstancePlacementRequest): Promise<{ readonly instanceId: string } & Readonly<Record<string, unknown>>>
  /**
   * Loads a model where it is not loaded yet, and waits until it is. It stays as long as a model that a request has loaded.
   *
   * @throws AppError `model-not-found` and others of placement and loading
   */
  loadModel(request: { readonly model: string; readonly contextTokens: number | null }, signal: AbortSignal): Promise<void>
  /** How long a loaded model stays after its last use; null: forever. */
  keepModel(modelId: string, keepMs: number | null): void
  /** When a loaded model goes, in milliseconds since 1970, if nobody uses it before; null: it stays. */
  expiryOf(modelId: string): number | null
  /** @throws AppError `instance-not-found` */
  deleteInstance(instanceId: string): Promise<void>
  /** Nodes nearby: linked, refused with the reason, or only heard of. */
  peers(): readonly Readonly<Record<string, unknown>>[]
  /** Measures the throughput of all TCP links: seconds, and megabytes on each. */
  measureLinks(): Promise<readonly LinkView[]>
  /** What the nodes said of their machines, and how far their clocks are from this one's; for `exo doctor`. */
  diagnostics(): Readonly<Record<string, unknown>>
  /** Every placement that could be asked for, and why the others could not. */
  previews(modelId: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** Which cluster this node is in. Each act resolves when it is done. */
export interface MembershipPort {
  view(): Membership
  /** Calls `listener` after each change, until `signal` aborts. */
  onChange(listener: () => void, signal: AbortSignal): void
  /** @throws AppError `cluster-…` */
  join(request: JoinClusterRequest): Promise<void>
  leave(): Promise<void>
  /** Lets in a machine that waits; it is in within seconds. @throws AppError `newcomer-unknown` | `name-ambiguous` | `cluster-has-key` */
  admit(name: string): Promise<void>
  refuse(name: string): Promise<void>
  /** @throws AppError `member-unknown` | `name-ambiguous` | `cluster-has-key` */
  remove(name: string): Promise<void>
  /** Resolves when both screens show the digits. @throws AppError `pairing-…` | `cluster-…` */
  startPairing(clusterName: string): Promise<void>
  /** @throws AppError `no-pairing` */
  confirmPairing(): void
  cancelPairing(): void
}

/** This machine alone. */
export interface NodePort {
  settings(): SettingsAnswer
  changeSettings(part: { [Name in keyof ChosenSettings]?: ChosenSettings[Name] | undefined }): Promise<SettingsAnswer>
  doctor(): Promise<DoctorAnswer>
  /** What only this node can say. @param port - at which it is asked */
  prove(challenge: string, port: number): string
}

/** The named tokens of this node's API. */
export interface TokensPort {
  list(): readonly TokenListing[]
  /** null: there is no such token. */
  rightsOf(token: string): TokenRights | null
  /** @throws AppError `token-name-taken` | `too-many-tokens` */
  create(name: string, rights: TokenRights): Promise<NewTokenAnswer>
  /** @throws AppError `token-not-found` */
  revoke(name: string): Promise<void>
}

export interface HistoryPort {
  /** Newest first. @throws AppError `history-off` and the like */
  recent(query: HistoryQuery): Promise<HistoryRow[]>
  /** One SELECT. @throws AppError `query-refused` | `query-failed` | `history-off` | … */
  sql(statement: string): Promise<QueriedTable>
}

export interface MetricsPort {
  readonly contentType: string
  /** In the text format of Prometheus. */
  render(): Promise<string>
  /** A request that was answered with an error. */
  countRefusedRequest(status: number): void
}

export interface TracesPort {
  /** As chrome://tracing reads it; null: none of that id is kept. `last`: the latest. */
  find(requestId: string): Promise<object | null>
}

/** The models of a trifurcated inference, as the client named them; null: the main one. */
export interface TrifurcatedModels {
  readonly main: string
  readonly validator: string | null
  readonly speculative: string | null
}

export interface TrifurcationPort {
  /**
   * Gives each role an instance, on nodes of its own where there are enough; what is not loaded begins to be. In the order
   * validator, main, speculative.
   *
   * @throws AppError `model-not-found` and others of the main model; for the others it stands in, with a notice
   */
  assignGroups(models: TrifurcatedModels, signal: AbortSignal): Promise<readonly TrifurcatedGroup[]>
  /** For a request that brings none: unsigned 64-bit, in decimal. */
  drawSeed(): string
}

/** What the API needs of the node around it. */
export interface ApiDependencies {
  readonly history: HistoryPort
  readonly inference: InferencePort
  readonly models: ModelsPort
  readonly modelSettings: ModelSettingsPort
  /** Absent: responses of OpenAI's API are forgotten when the process ends. */
  readonly responseJournal?: ResponseJournalPort | undefined
  readonly downloads: DownloadsPort
  readonly metrics: MetricsPort
  readonly traces: TracesPort
  readonly cluster: ClusterPort
  readonly trifurcation: TrifurcationPort
  readonly membership: MembershipPort
  readonly node: NodePort
  readonly tokens: TokensPort
  readonly clock: { now(): number }
  /** 16 bytes or more of randomness, as letters and digits. */
  readonly newId: () => string
  readonly log: {
    debug(message: string, fields: Record<string, unknown>): void
    info(message: string, fields: Record<string, unknown>): void
    warn(message: string, fields: Record<string, unknown>): void
    error(message: string, fields: Record<string, unknown>): void
  }
}

export interface ApiOptions {
  readonly version: string
  /** null: no token is asked for. */
  readonly apiToken: string | null
  /** Origins of web pages that may call: `https://host`, `loopback` for any page of this machine, `*` for all. */
  readonly allowedOrigins?: readonly string[]
  /** Names, besides those of this machine, that it answers for. */
  readonly allowedHosts?: readonly string[]
  /** False: the name of a cloud model is unknown, even where the only loaded model could answer for it. */
  readonly cloudNames?: boolean
  /** The built renderer, served at `/dashboard`. */
  readonly dashboardDir?: string
  readonly bodyLimitBytes?: number
  /** The bundled or source entry `body-thread`; absent: long bodies are read where short ones are. */
  readonly bodyThreadEntry?: string
  /** Silence after which a stream gets a comment, and its headers if it has none yet. */
  readonly keepAliveMs?: number
  /** A client that reads nothing of a stream for this long is dropped. */
  readonly stalledClientMs?: number
}
