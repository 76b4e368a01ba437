/**
 * Every code of an `AppError`, and all that follows from it. An error with a code that is not here does not compile:
 * add a row to the group that the error belongs to, then write docs/errors.md again with `node setup/write-error-docs.mjs`.
 *
 * A code is stable once it is released: clients and scripts read it.
 */
export interface ErrorFacts {
  /** Of the HTTP answer where it reaches a client. */
  readonly status: number
  /** Whether the same request can succeed a little later, without anybody changing anything. */
  readonly retry: boolean
  /** What happened, for docs/errors.md; the error's own message says what to do. */
  readonly means: string
  /** The API's code, where it is not this one with underscores: OpenAI's own where OpenAI has one. */
  readonly api?: string
  /** The field of a request that is at fault. */
  readonly param?: string
  /** Sent as `Retry-After`, unless the error's `retryAfterMs` says another time. */
  readonly retryAfterS?: number
  /** What `infer` throws in its place; without it and the trait `inference`, `infer` throws `instance-failed`. */
  readonly inferAs?: string
  readonly traits?: readonly ErrorTrait[]
}

/** What the node decides by a code. */
export type ErrorTrait =
  /** `infer` throws it as it is. */
  | 'inference'
  /** The instance can come back; any other failure would come again. */
  | 'recoverable'
  /** The native engine says it. */
  | 'engine'
  /** It ends one generation; any other of the engine's ends the worker. */
  | 'one-generation'
  /** Placement refuses; other nodes may make it possible. */
  | 'placement'
  /** There is no leader, or no way to it, for now: a command is given again. */
  | 'leader-passing'
  /** The way to another node broke, so that what ran there is over. */
  | 'link-fault'
  /** The hub did not say whether it has the model. */
  | 'hub-silent'
  /** The hub has no such model, or is not there to be asked. */
  | 'not-at-hub'
  | 'history'
  /** The history takes no rows until somebody does something. */
  | 'history-trouble'

type ErrorGroup = Readonly<Record<string, ErrorFacts>>

const requests = {
  'invalid-request': { status: 400, retry: false, traits: ['inference'], means: 'The request is not valid.' },
  'context-exceeded': {
    status: 400,
    retry: false,
    api: 'context_length_exceeded',
    traits: ['inference', 'engine', 'one-generation'],
    means: "The prompt does not fit into the model's context.",
  },
  'invalid-token': {
    status: 400,
    retry: false,
    inferAs: 'invalid-request',
    traits: ['engine', 'one-generation'],
    means: "A token id is not in the model's vocabulary.",
  },
  'draft-unsupported': {
    status: 400,
    retry: false,
    param: 'draft_model',
    traits: ['inference'],
    means: 'The draft model does not suit the model.',
  },
  'draft-failed': {
    status: 400,
    retry: false,
    param: 'draft_model',
    inferAs: 'draft-unsupported',
    traits: ['engine', 'one-generation'],
    means: 'The draft model could not be loaded.',
  },
  'answer-unfit': { status: 502, retry: true, means: 'The model did not answer in the form that was asked for.' },
  'name-ambiguous': { status: 409, retry: false, means: 'Several things have this name.' },
  'engine-busy': {
    status: 429,
    retry: true,
    retryAfterS: 1,
    traits: ['inference', 'engine', 'one-generation'],
    means: 'As many requests wait as may.',
  },
  cancelled: { status: 400, retry: false, api: 'request_cancelled', traits: ['inference'], means: 'The request was cancelled.' },
  timeout: { status: 503, retry: true, traits: ['inference'], means: 'It took too long.' },
  'node-stopping': { status: 503, retry: true, retryAfterS: 10, means: 'The node is stopping.' },
  internal: { status: 500, retry: false, means: 'The node met a fault of its own. Its log has the details.' },
} as const satisfies ErrorGroup

const models = {
  'model-not-found': {
    status: 404,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'There is no model of this name.',
  },
  'model-unsupported': {
    status: 400,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'This program cannot run the model.',
  },
  'model-damaged': {
    status: 400,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'Files of the model are missing or damaged.',
  },
  'model-not-ours': { status: 409, retry: false, param: 'model', means: 'Another program keeps the model; this one does not delete it.' },
  'model-in-use': { status: 409, retry: false, param: 'model', means: 'The model is loaded or being fetched.' },
  'model-exists': { status: 409, retry: false, param: 'model', means: 'A model of this name is here already.' },
  'model-card-invalid': { status: 500, retry: false, param: 'model', means: 'A model card of this program or of its user is not valid.' },
  'model-file-not-found': { status: 404, retry: true, param: 'model', means: 'Another node asked for a file of a model that is not here.' },
  'model-store-unreadable': { status: 500, retry: false, param: 'model', means: 'The folder of the models cannot be read.' },
  'default-model-missing': { status: 500, retry: false, means: 'The model that this program brings along is not there.' },
  'download-not-found': { status: 404, retry: false, means: 'There is no such download.' },
  'download-damaged': { status: 503, retry: true, means: 'What was fetched does not have the checksum that it should have.' },
  'download-cancelled': { status: 503, retry: false, means: 'The download was cancelled.' },
  'download-paused': { status: 409, retry: false, means: 'The download is paused.' },
  'download-failed': { status: 502, retry: true, means: 'The download failed.' },
  'too-many-downloads': { status: 429, retry: true, means: 'As many downloads run and wait as may.' },
  'copy-damaged': { status: 502, retry: true, means: 'A copy from another node broke off or is damaged.' },
} as const satisfies ErrorGroup

const hub = {
  'hub-gated': { status: 403, retry: false, api: 'model_gated', means: "The model's owner has to give access to it." },
  'hub-token-refused': { status: 403, retry: false, means: 'The hub refuses the token in HF_TOKEN.' },
  'hub-model-not-found': {
    status: 404,
    retry: false,
    api: 'model_not_found',
    traits: ['not-at-hub'],
    means: 'The hub has no such model, or does not show it.',
  },
  'hub-revision-not-found': { status: 404, retry: false, means: 'The model has no such revision.' },
  'hub-file-not-found': { status: 404, retry: false, api: 'model_not_found', means: 'The model lacks a file that it needs.' },
  'hub-refused': { status: 502, retry: false, means: 'The hub refuses the request.' },
  'hub-answer-invalid': { status: 502, retry: true, means: 'The hub answered something that is not an answer.' },
  'hub-busy': { status: 503, retry: true, traits: ['hub-silent'], means: 'The hub takes no more requests from here for now.' },
  'hub-unavailable': { status: 503, retry: true, traits: ['hub-silent'], means: 'The hub has a fault of its own.' },
  'hub-unreachable': { status: 503, retry: true, traits: ['hub-silent', 'not-at-hub'], means: 'The hub cannot be reached.' },
  'hub-offline': { status: 503, retry: false, traits: ['hub-silent', 'not-at-hub'], means: 'The node is told not to ask the hub.' },
} as const satisfies ErrorGroup

const instances = {
  'not-enough-memory': {
    status: 503,
    retry: true,
    traits: ['inference', 'placement'],
    means: 'The model does not fit into the memory that is free.',
  },
  'no-nodes': { status: 409, retry: false, traits: ['placement'], means: 'No node can hold the model.' },
  'not-enough-nodes': { status: 409, retry: false, traits: ['placement'], means: 'There are fewer nodes than were asked for.' },
  'not-connected': {
    status: 409,
    retry: false,
    traits: ['placement'],
    means: 'The nodes with enough memory are not linked to each other.',
  },
  'backend-impossible': { status: 409, retry: false, traits: ['placement'], means: 'The backend that was asked for is not possible here.' },
  'strategy-impossible': {
    status: 409,
    retry: false,
    traits: ['placement'],
    means: 'The model cannot be split in the way that was asked for.',
  },
  'instance-not-found': { status: 404, retry: false, means: 'There is no such instance.' },
  'instance-failed': {
    status: 503,
    retry: true,
    traits: ['inference'],
    means: 'The model could not be loaded, or failed while it answered.',
  },
  'instance-recovering': { status: 503, retry: true, traits: ['recoverable'], means: 'The model is being loaded again.' },
  'worker-died': {
    status: 503,
    retry: true,
    api: 'instance_failed',
    traits: ['recoverable'],
    means: 'The process that holds the model ended.',
  },
  'worker-unkillable': { status: 503, retry: false, means: 'The process that holds the model does not end.' },
  'consumer-too-slow': { status: 503, retry: true, traits: ['recoverable'], means: 'The answer was read too slowly.' },
  'duplicate-generation': {
    status: 409,
    retry: false,
    traits: ['one-generation'],
    means: 'An answer with this id is being generated already.',
  },
  'no-such-group': { status: 409, retry: true, means: 'A rank asked for keys of an instance that has ended.' },
  'out-of-memory': { status: 503, retry: true, inferAs: 'not-enough-memory', traits: ['engine'], means: 'The engine ran out of memory.' },
  'strategy-unsupported': {
    status: 400,
    retry: false,
    inferAs: 'model-unsupported',
    traits: ['engine'],
    means: 'The engine cannot split this model in the way that was asked for.',
  },
  'rank-mismatch': { status: 503, retry: false, traits: ['engine'], means: 'The ranks of an instance do not agree on who is which.' },
  'group-failed': { status: 503, retry: true, traits: ['engine'], means: 'A rank of the instance cannot be reached.' },
  'engine-failed': { status: 500, retry: true, traits: ['engine'], means: 'The engine met a fault of its own.' },
  'shard-closed': { status: 503, retry: true, traits: ['engine'], means: 'The model was unloaded.' },
  'addon-missing': { status: 500, retry: false, traits: ['engine'], means: 'The native engine is not built, or cannot be loaded.' },
  'engine-unknown': { status: 500, retry: false, means: 'The engine that `EXO_ENGINE` names does not exist.' },
  'invalid-command': { status: 500, retry: false, means: 'A worker was given a command that does not fit its state.' },
  'no-cable': { status: 409, retry: false, means: 'There is no RDMA cable between two nodes.' },
  'launch-address-divided': { status: 409, retry: false, means: 'The ranks reach rank 0 at different addresses.' },
  'launch-address-missing': { status: 409, retry: true, means: 'There is no address at which a neighbouring rank can be reached.' },
  'launch-address-not-ipv4': { status: 409, retry: false, means: 'The address of a neighbouring rank is not an IPv4 address.' },
  'launch-devices-invalid': { status: 409, retry: false, means: 'The RDMA devices do not connect the ranks as JACCL needs it.' },
  'launch-port-missing': { status: 503, retry: true, means: 'A rank has no port yet.' },
} as const satisfies ErrorGroup

const cluster = {
  'no-leader': { status: 503, retry: true, traits: ['leader-passing'], means: 'The cluster has no leader at the moment.' },
  'cluster-changed': { status: 503, retry: true, traits: ['inference'], means: 'The node has joined another cluster.' },
  'cluster-switching': { status: 503, retry: true, traits: ['inference'], means: 'The node is joining another cluster.' },
  'cluster-has-key': { status: 409, retry: false, means: 'The cluster has a key, so nobody waits to be let in.' },
  'cluster-key-missing': { status: 403, retry: false, means: 'The cluster has a key, and none was given.' },
  'cluster-key-short': { status: 400, retry: false, means: 'The key has too few characters.' },
  'cluster-key-wrong': { status: 403, retry: false, means: 'This is not the key of the cluster.' },
  'cluster-name-too-long': { status: 400, retry: false, means: "The cluster's name is too long to be announced." },
  'cluster-not-nearby': { status: 404, retry: true, means: 'No such cluster is in sight.' },
  'cluster-unreachable': { status: 503, retry: true, means: 'No node of the cluster can be reached.' },
  'member-unknown': { status: 404, retry: false, means: 'The cluster has no such member.' },
  'newcomer-unknown': { status: 404, retry: false, means: 'No such machine waits to be let in.' },
  'no-pairing': { status: 409, retry: false, means: 'No pairing is in progress.' },
  'pairing-busy': { status: 409, retry: true, means: 'The machine is pairing with another one.' },
  'pairing-no-key': { status: 409, retry: false, means: 'The cluster has no key: join it without one.' },
  'pairing-other-cluster': { status: 409, retry: false, means: 'The other machine is in another cluster by now.' },
  'pairing-other-protocol': { status: 409, retry: false, means: 'The other machine runs a version that pairs in another way.' },
  'pairing-put-out': { status: 409, retry: false, means: 'This machine was removed from the cluster.' },
  'pairing-open-there': { status: 409, retry: false, means: 'The cluster is open and this machine is not: start it with --open.' },
  'pairing-closed-there': { status: 409, retry: false, means: 'The cluster is closed and this machine is open: start it without --open.' },
  'pairing-declined': { status: 409, retry: false, means: 'The digits were not confirmed on the other machine.' },
  'pairing-timed-out': { status: 408, retry: false, means: 'The digits were not confirmed in time.' },
  'pairing-too-many-attempts': { status: 429, retry: false, means: 'The other machine was asked too often.' },
  'pairing-broken': { status: 503, retry: true, means: 'The pairing broke off.' },
} as const satisfies ErrorGroup

const links = {
  'no-link': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'There is no link to the other node.' },
  'link-lost': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'The link to the other node was lost.' },
  'link-closed': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'The other node closed the link.' },
  'links-closed': { status: 503, retry: true, traits: ['link-fault'], means: 'This node has closed its links: it is stopping.' },
  'too-many-streams': { status: 503, retry: true, traits: ['link-fault'], means: 'As many streams are open between two nodes as may.' },
  'stream-rubbish': { status: 502, retry: false, traits: ['link-fault'], means: 'The other node sent something that is not an answer.' },
  'stream-abandoned': { status: 503, retry: true, means: 'The reader of a stream stopped reading.' },
  'stream-done': { status: 500, retry: false, means: 'The other node has finished with a stream that is still written to.' },
  'unknown-stream-kind': { status: 501, retry: false, means: 'The other node runs a version that does not serve this.' },
  'peer-failed': { status: 502, retry: true, means: 'The other node failed in a way that this version does not know.' },
  'chunk-too-large': { status: 500, retry: false, means: 'A part of a stream is too large.' },
  'header-too-large': { status: 413, retry: false, means: 'What is asked of another node is too large.' },
  'message-too-large': { status: 413, retry: false, means: 'A message to another node is too large.' },
  'bad-greeting': { status: 502, retry: false, means: 'The other side does not greet as a node does.' },
  'greeting-timeout': { status: 504, retry: true, means: 'The other side did not greet in time.' },
  'connect-timeout': { status: 504, retry: true, means: 'The other side did not answer in time.' },
  'dial-timeout': { status: 504, retry: true, means: 'The other node could not be dialled in time.' },
  'dial-superseded': { status: 503, retry: true, means: 'The other node dialled first.' },
  'peer-unproven': { status: 502, retry: false, means: 'The other side did not prove that it is the node that it should be.' },
  'thread-ended': { status: 500, retry: false, means: 'The thread that sends heartbeats ended.' },
  'peer-port-in-use': { status: 503, retry: false, means: 'The port for other nodes is taken.' },
  'peer-port-failed': { status: 503, retry: false, means: 'The port for other nodes could not be opened.' },
} as const satisfies ErrorGroup

const node = {
  'disk-full': { status: 503, retry: false, means: 'The disk is full.' },
  'disk-failing': { status: 503, retry: false, means: 'The disk does not read or write.' },
  'disk-refused': { status: 503, retry: false, means: 'The user may not write there.' },
  'too-many-open-files': { status: 503, retry: true, means: 'Too many files are open.' },
  'file-damaged': { status: 500, retry: false, means: 'A file of the node and its copy are damaged.' },
  'outside-root': { status: 400, retry: false, means: 'A path leads out of the folder that it belongs to.' },
  'settings-damaged': { status: 500, retry: false, means: "The node's settings are damaged." },
  'settings-unreadable': { status: 500, retry: false, means: "The node's settings cannot be read." },
  'identity-damaged': { status: 500, retry: false, means: "The node's identity is damaged." },
  'identity-unreadable': { status: 500, retry: false, means: "The node's identity cannot be read." },
  'api-tokens-damaged': { status: 500, retry: false, means: 'The file of the API tokens is damaged.' },
  'token-name-taken': { status: 409, retry: false, means: 'An API token has this name already.' },
  'token-not-found': { status: 404, retry: false, means: 'There is no such API token.' },
  'too-many-tokens': { status: 409, retry: false, means: 'There are as many API tokens as may be.' },
  'already-running': { status: 409, retry: false, means: 'A node runs with this data folder already.' },
  'cannot-listen': { status: 500, retry: false, means: 'The API cannot listen at its address.' },
  'port-in-use': { status: 409, retry: false, means: 'The port of the API is taken.' },
  'port-forbidden': { status: 403, retry: false, means: 'The user may not open the port of the API.' },
  'channel-closed': { status: 503, retry: true, means: 'The channel to a process of the node is closed.' },
  'hardware-unread': { status: 503, retry: true, means: 'The machine does not say how much memory it has.' },
  'hardware-file-invalid': { status: 400, retry: false, means: 'The recording of a machine is not valid.' },
  'hardware-file-unreadable': { status: 400, retry: false, means: 'The recording of a machine cannot be read.' },
  'not-a-mac': { status: 501, retry: false, means: 'This works on a Mac only.' },
  'administrator-refused': { status: 403, retry: false, means: 'The administrator password was not given.' },
  'network-setup-failed': { status: 500, retry: false, means: 'The network settings could not be changed.' },
  'nothing-to-undo': { status: 409, retry: false, means: 'There is no change to undo.' },
  'setup-memory-damaged': { status: 500, retry: false, means: 'The file that remembers the network settings of before is damaged.' },
} as const satisfies ErrorGroup

const history = {
  'history-off': { status: 503, retry: false, traits: ['history', 'history-trouble'], means: 'The history is off, or cannot be opened.' },
  'history-locked': { status: 503, retry: true, traits: ['history', 'history-trouble'], means: 'Another program has the history open.' },
  'history-busy': { status: 503, retry: true, traits: ['history'], means: 'The history has as many questions to answer as it takes.' },
  'history-failed': { status: 503, retry: true, traits: ['history', 'history-trouble'], means: 'The history failed.' },
  'history-timeout': { status: 503, retry: true, traits: ['history'], means: 'The history did not answer in time.' },
  'query-refused': { status: 400, retry: false, traits: ['history'], means: 'The statement is not one that the history answers.' },
  'query-failed': { status: 400, retry: false, traits: ['history'], means: 'The statement failed.' },
} as const satisfies ErrorGroup

const programs = {
  'api-refused': { status: 502, retry: false, means: "The node refused; the API's own code is in `details.apiCode`." },
  unreachable: { status: 503, retry: true, means: 'The node does not answer.' },
  'no-body': { status: 502, retry: true, means: 'The node answered without a body.' },
  'unexpected-answer': { status: 502, retry: false, means: 'The node gave an answer that this version does not understand.' },
  'stream-broke-off': { status: 502, retry: true, means: 'The answer broke off.' },
  'stream-failed': { status: 502, retry: true, means: 'The answer failed while it was being sent.' },
  'not-running': { status: 503, retry: false, means: 'No node runs with this data folder.' },
  'node-not-running': { status: 503, retry: true, means: "The app's node does not run now." },
  'not-permitted': { status: 403, retry: false, means: 'A file could not be written without an administrator.' },
  'command-exists': { status: 409, retry: false, means: 'Another program has the name of the command.' },
  'invalid-call': { status: 400, retry: false, means: 'The page called the app with wrong arguments.' },
  'unknown-call': { status: 404, retry: false, means: 'The app has no such call.' },
  'untrusted-sender': { status: 403, retry: false, means: 'A page that may not call the app did so.' },
  'update-not-signed': { status: 502, retry: false, means: 'An update is not signed by the makers of the app.' },
  interrupted: { status: 503, retry: true, means: 'The user interrupted the command.' },
  'file-unreadable': { status: 400, retry: false, means: 'A file that was named cannot be read.' },
  'topology-invalid': { status: 400, retry: false, means: 'The topology that was given is not valid.' },
  'topology-unreadable': { status: 400, retry: false, means: 'The topology that was given cannot be read.' },
  'doctor-late': { status: 504, retry: true, means: 'A check of the machine did not end in time.' },
  'doctor-problem': { status: 500, retry: false, means: 'A check of the machine found a problem.' },
} as const satisfies ErrorGroup

const benchmarks = {
  'baseline-invalid': { status: 400, retry: false, means: 'The file of earlier results is not valid.' },
  'benchmark-config-invalid': { status: 400, retry: false, means: 'The description of a benchmark is not valid.' },
  'benchmark-failed': { status: 500, retry: false, means: 'A run failed, or was slower than the baseline allows.' },
  'loaded-otherwise': { status: 409, retry: false, means: 'The model is loaded in another way than is to be measured.' },
  'placed-otherwise': { status: 409, retry: false, means: 'The cluster placed the model in another way than is to be measured.' },
  'request-failed': { status: 502, retry: true, means: 'The server that is measured refused a request.' },
  'run-failed': { status: 500, retry: false, means: 'A measurement failed.' },
  'mlx-group-failed': { status: 500, retry: false, means: 'A rank of a bare MLX group ended early.' },
  'mlx-lm-failed': { status: 500, retry: false, means: 'The measurement of mlx-lm failed.' },
  'node-not-ready': { status: 503, retry: true, means: 'A node that is measured did not get ready.' },
  'nodes-not-ready': { status: 503, retry: true, means: 'The nodes that are measured did not get ready.' },
  'placement-refused': { status: 409, retry: false, means: 'The cluster refused a placement that is to be measured.' },
} as const satisfies ErrorGroup

/** The headings of docs/errors.md. */
export const ERROR_GROUPS = {
  Requests: requests,
  'Models and downloads': models,
  'The model hub': hub,
  'Placing and running models': instances,
  'Clusters and pairing': cluster,
  'Links between nodes': links,
  'The node and its machine': node,
  'The history': history,
  'The command line, the app and the dashboard': programs,
  'Measuring (`exo bench`, `npm run bench`)': benchmarks,
} as const

const ERROR_CODES = {
  ...requests,
  ...models,
  ...hub,
  ...instances,
  ...cluster,
  ...links,
  ...node,
  ...history,
  ...programs,
  ...benchmarks,
} as const

type Rows = typeof ERROR_CODES
/** An interface, so that the compiler names this file's table instead of printing all its codes. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface RowsOfErrorCodes extends Rows {}
export type ErrorCode = keyof RowsOfErrorCodes

/** The codes that have a trait. */
export type ErrorCodeWith<Trait extends ErrorTrait> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code] extends { readonly traits: readonly (infer Traits)[] }
    ? Trait extends Traits
      ? Code
      : never
    : never
}[ErrorCode]

export function errorFacts(code: ErrorCode): ErrorFacts {
  return ERROR_CODES[code]
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text)
}

/** A code that another node, of whichever version, or another process sent; `fallback` where this version does not know it. */
export function toErrorCode(text: string, fallback: ErrorCode): ErrorCode {
  return isErrorCode(text) ? text : fallback
}

export function hasTrait<Trait extends ErrorTrait>(code: ErrorCode, trait: Trait): code is ErrorCodeWith<Trait> {
  return errorFacts(code).traits?.includes(trait) ?? false
}
