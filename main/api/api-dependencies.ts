import type { WantedKvBits } from '../shared/models/kv-bits.ts'
import type { OptimizeGoal } from '../shared/placement.ts'
import type { Clock } from '../platform/clock.ts'
import type { ClusterView, InstanceView, LinkView } from '../shared/cluster-view.ts'
import type { ExpectedSpeed } from '../shared/speed/expected-speed.ts'
import type { DerivedModel } from '../shared/wire/api/derived-model.ts'
import type { DownloadReport } from '../shared/models/download.ts'
import type { HistoryQuery, HistoryRow, QueriedTable } from '../shared/history.ts'
import type { InferencePart, InferenceRequest } from '../shared/inference/inference.ts'
import type { LogPage, LogQuery } from '../shared/wire/peer/log-lines.ts'
import type { HubHit } from '../shared/models/hub-hit.ts'
import type { ModelCapability } from '../shared/models/model-capability.ts'
import type { ModelSettings } from '../shared/models/model-settings.ts'
import type { ModelCard } from '../shared/models/model-card.ts'
import type { ChatFilesPort } from './chats/chat-book.ts'
import type { McpPort } from './chats/mcp-port.ts'
import type { ChatPresetsPort } from './chats/chat-presets-port.ts'
import type { JournalPort } from './journal-port.ts'
import type { TrifurcatedGroup } from '../shared/wire/api/trifurcated.ts'
import type { DoctorAnswer } from '../shared/wire/api/doctor.ts'
import type { JoinClusterRequest, Membership } from '../shared/wire/api/membership.ts'
import type { NewTokenAnswer, TokenListing, TokenRights } from '../shared/wire/api/api-tokens.ts'
import type { SettingsAnswer, SettingsChange } from '../shared/wire/api/node-settings.ts'

export interface InferencePort {
  /** Fails with an `AppError` of an `InferenceErrorCode`. Aborting `signal` frees the request's slot and ends the iteration. */
  infer(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart>
  /** Ends a request and keeps the output so far. False: no such request is running. */
  cancel(requestId: string): boolean
}

/** Of a model's tokenizer, as its files have it. */
export interface TokenizerFileFacts {
  readonly tokenizerClass: string | null
  /** `bos_token`, `eos_token` and so on, by name. */
  readonly specialTokens: Readonly<Record<string, string>>
  readonly chatTemplate: string | null
}

export interface ListedModel {
  readonly modelId: string
  readonly aliases: readonly string[]
  readonly loaded: boolean
  /** An instance of the model is being loaded. */
  readonly isLoading?: boolean
  /** Context length of its instance; absent if none is loaded. */
  readonly contextTokens?: number
  readonly card?: ModelCard
  /** `cluster`: the card is the word of a member, and no complete model on this machine confirms it. */
  readonly origin?: 'cluster'
  /** Capabilities read from its files; absent: the files are not on this machine. */
  readonly capabilities?: readonly ModelCapability[]
  /** The definition of a model that the user has derived from another; absent: an ordinary model. */
  readonly derived?: DerivedModel
}

/** A model that can be downloaded or is already here. */
export interface CatalogueModel extends ListedModel {
  /** All its files are on this machine. */
  readonly isHere: boolean
  /** This program may delete them. */
  readonly isOurs: boolean
}

export interface ModelsPort {
  list(): Promise<readonly ListedModel[]>
  /** The listed models, plus the catalogue's models that are not here yet. */
  catalogue(): Promise<readonly CatalogueModel[]>
  /** The derived model of this name; null: there is none. */
  derived(name: string): Promise<DerivedModel | null>
  /**
   * Derives a model from another and replaces an earlier derived model of that name. @throws AppError `invalid-request`
   * | `name-ambiguous`
   */
  derive(name: string, model: DerivedModel): Promise<void>
  /**
   * Deletes the files; for a derived model, only its definition.
   * @throws AppError `model-not-found` | `model-not-ours` | `model-in-use`
   */
  remove(model: string): Promise<{ readonly modelId: string }>
  /**
   * The models that the hub has for these words; without words, those that are popular now.
   * @throws AppError `hub-unreachable` and the other errors of the hub
   */
  searchHub(words: string, limit: number): Promise<readonly HubHit[]>
  /** Whether models of this `model_type` run here. */
  isSupported(family: string): boolean
  /** What the files of a model say about its special tokens; null: it is not listed, or its files are not on this machine. */
  tokenizerFacts(modelId: string): Promise<TokenizerFileFacts | null>
  /** The model for which the user has set this alias; null: none. */
  alias(name: string): Promise<string | null>
}

/** The user's settings for individual models of this node. */
export interface ModelSettingsPort {
  /** By model id. */
  all(): Promise<Readonly<Record<string, ModelSettings>>>
  /** Replaces the model's settings. @throws AppError `model-not-found` */
  set(model: string, settings: ModelSettings): Promise<{ readonly modelId: string; readonly settings: ModelSettings }>
}

/** Downloads of all nodes of the cluster, by id. */
export interface DownloadsPort {
  /**
   * Downloads a branch, a tag or a commit to a node. `download` is null if the node already has the model.
   * @param node - its name or id; null: this node
   * @throws AppError `invalid-request` | `too-many-downloads` | `node-not-found`, and the errors of the hub and of the link
   */
  start(
    model: string,
    revision: string,
    node: string | null,
  ): Promise<{ readonly modelId: string; readonly download: DownloadReport | null }>
  /** @throws AppError `download-not-found`, like the methods below */
  find(id: string): Promise<DownloadReport>
  pause(id: string): Promise<DownloadReport>
  resume(id: string): Promise<DownloadReport>
  cancel(id: string): Promise<void>
}

/** A client's request for a placement; null: the cluster decides. */
export interface InstancePlacementRequest {
  readonly modelId: string
  readonly sharding: 'pipeline' | 'tensor' | null
  readonly backend: 'ring' | 'jaccl' | null
  readonly minNodes: number | null
  readonly contextTokens: number | null
  readonly kvBits: WantedKvBits | null
  /** The name given by the client. */
  readonly draftModel: string | null
  /** The only nodes that may hold a part of the model, by name or id; null: all may. */
  readonly nodes: readonly string[] | null
  readonly optimize: OptimizeGoal | null
  /** Stays loaded when idle. */
  readonly isPinned: boolean
  /** How long it stays loaded after its last use; null: as all models. */
  readonly keepMs: number | null
}

/** Which placements are to be previewed. */
export type PreviewRequest = Pick<InstancePlacementRequest, 'modelId' | 'contextTokens' | 'kvBits' | 'nodes'>

export interface ClusterPort {
  nodeId(): string
  state(): ClusterView
  /** Calls `listener` after each change of the state, until `signal` aborts. */
  onState(listener: () => void, signal: AbortSignal): void
  /** null: no such instance. */
  instance(instanceId: string): InstanceView | null
  placeInstance(request: InstancePlacementRequest): Promise<{ readonly instanceId: string } & Readonly<Record<string, unknown>>>
  /**
   * Loads a model that is not loaded yet and waits until it is. It stays loaded as long as a model that was loaded by a
   * request.
   *
   * @throws AppError `model-not-found` and other errors of placement and loading
   */
  loadModel(request: { readonly model: string; readonly contextTokens: number | null }, signal: AbortSignal): Promise<void>
  /** Sets how long a loaded model stays after its last use; null: forever. */
  keepModel(modelId: string, keepMs: number | null): void
  /** When an unused loaded model will be unloaded, in milliseconds since 1970; null: never. */
  expiryOf(modelId: string): number | null
  /** @throws AppError `instance-not-found` */
  deleteInstance(instanceId: string): Promise<void>
  /** Nodes nearby: linked, refused with the reason, or only discovered. */
  peers(): readonly Readonly<Record<string, unknown>>[]
  /** Measures the throughput of all TCP links. It takes seconds and sends megabytes over each. */
  measureLinks(): Promise<readonly LinkView[]>
  /**
   * A part of the log of a node, given by name or id; null: this node.
   * @throws AppError `node-not-found`, and the errors of the link
   */
  logs(node: string | null, query: LogQuery): Promise<LogPage & { readonly nodeId: string; readonly name: string }>
  /** The nodes' reports on their machines, and the offset of their clocks from this one's; for `exo doctor`. */
  diagnostics(): Readonly<Record<string, unknown>>
  /** Every possible placement, and the reasons why the others are not. */
  previews(request: PreviewRequest): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** How fast a model would answer if it were loaded now; null: it does not fit, or a speed is unknown. */
  expectedSpeed(card: ModelCard): Promise<ExpectedSpeed | null>
}

/** This node's cluster membership. Each method resolves when its action is done. */
export interface MembershipPort {
  view(): Membership
  /** Calls `listener` after each change, until `signal` aborts. */
  onChange(listener: () => void, signal: AbortSignal): void
  /** @throws AppError `cluster-…` */
  join(request: JoinClusterRequest): Promise<void>
  leave(): Promise<void>
  /** Admits a waiting machine, which joins within seconds. @throws AppError `newcomer-unknown` | `name-ambiguous` | `cluster-has-key` */
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

/** The settings and state of this machine only. */
export interface NodePort {
  settings(): SettingsAnswer
  changeSettings(part: SettingsChange): Promise<SettingsAnswer>
  doctor(): Promise<DoctorAnswer>
  /** A proof that only this node can give. @param port - the port that received the challenge */
  prove(challenge: string, port: number): string
}

/** The named tokens of this node's API. */
export interface TokensPort {
  list(): readonly TokenListing[]
  /** null: the token does not exist. */
  rightsOf(token: string): TokenRights | null
  /** @throws AppError `token-name-taken` | `too-many-tokens` */
  create(name: string, rights: TokenRights): Promise<NewTokenAnswer>
  /** @throws AppError `token-not-found` */
  revoke(name: string): Promise<void>
}

export interface HistoryPort {
  /** Newest first. @throws AppError `history-off` and similar */
  recent(query: HistoryQuery): Promise<HistoryRow[]>
  /** Runs one SELECT. @throws AppError `query-refused` | `query-failed` | `history-off` | … */
  sql(statement: string): Promise<QueriedTable>
}

export interface MetricsPort {
  readonly contentType: string
  /** In the Prometheus text format. */
  render(): Promise<string>
  /** Counts a request that was answered with an error. */
  countRefusedRequest(status: number): void
}

export interface TracesPort {
  /** The trace in the format of chrome://tracing; null: no trace of that id is kept. `last`: the newest. */
  find(requestId: string): Promise<object | null>
}

/** The models of a trifurcated inference, by the names that the client gave; null: the main model. */
export interface TrifurcatedModels {
  readonly main: string
  readonly validator: string | null
  readonly speculative: string | null
}

export interface TrifurcationPort {
  /**
   * Gives each role an instance, on separate nodes if there are enough, and starts loading models that are not loaded.
   * Returned in the order validator, main, speculative.
   *
   * @throws AppError `model-not-found` and others for the main model. For the other roles the main model takes over,
   *   with a notice
   */
  assignGroups(models: TrifurcatedModels, signal: AbortSignal): Promise<readonly TrifurcatedGroup[]>
  /** A seed for a request without one: unsigned 64-bit, in decimal. */
  drawSeed(): string
}

/** The node's services that the API uses. */
export interface ApiDependencies {
  readonly history: HistoryPort
  readonly inference: InferencePort
  readonly models: ModelsPort
  readonly modelSettings: ModelSettingsPort
  /** Absent: stored responses of OpenAI's API are lost when the process ends. */
  readonly responseJournal?: JournalPort | undefined
  /** Absent: conversations of OpenAI's API are lost when the process ends. */
  readonly conversationJournal?: JournalPort | undefined
  /** Absent: the activity log begins with the process. */
  readonly activityJournal?: JournalPort | undefined
  readonly chatFiles: ChatFilesPort
  readonly chatPresets: ChatPresetsPort
  readonly mcp: McpPort
  readonly downloads: DownloadsPort
  readonly metrics: MetricsPort
  readonly traces: TracesPort
  readonly cluster: ClusterPort
  readonly trifurcation: TrifurcationPort
  readonly membership: MembershipPort
  readonly node: NodePort
  readonly tokens: TokensPort
  /** For the times that people and clients see. It may jump: waits and expiries use `timers`. */
  readonly clock: Pick<Clock, 'epochMs'>
  readonly timers: Timers
  /** At least 16 bytes of randomness, as letters and digits. */
  readonly newId: () => string
  readonly log: {
    debug(message: string, fields: Record<string, unknown>): void
    info(message: string, fields: Record<string, unknown>): void
    warn(message: string, fields: Record<string, unknown>): void
    error(message: string, fields: Record<string, unknown>): void
  }
}

/** The parts of a clock that wait. */
export type Timers = Pick<Clock, 'now' | 'sleep' | 'every'>

export interface ApiOptions {
  readonly version: string
  /** null: no token is required. */
  readonly apiToken: string | null
  /** Programs on this machine need no token, as if the API listened on loopback only. */
  readonly trustsOwnMachine?: boolean
  /** Origins of web pages that may call the API: `https://host`, `loopback` for any page of this machine, `*` for all. */
  readonly allowedOrigins?: readonly string[]
  /** Host names that the API accepts, in addition to those of this machine. */
  readonly allowedHosts?: readonly string[]
  /** False: names of cloud models are unknown, even if the only loaded model could answer in their place. */
  readonly cloudNames?: boolean
  /** The built renderer, served at `/dashboard`. */
  readonly dashboardDir?: string
  readonly bodyLimitBytes?: number
  /** How many connections may be open; asked when the API begins to listen. Absent: any number. */
  readonly mostConnections?: () => number
  /** The entry `body-thread`, bundled or from source; absent: long bodies are parsed in the main thread, like short ones. */
  readonly bodyThreadEntry?: string
  /** Silence after which a stream sends a comment, preceded by its headers if they have not been sent. */
  readonly keepAliveMs?: number
  /** A client that does not read from a stream for this long is disconnected. */
  readonly stalledClientMs?: number
}
