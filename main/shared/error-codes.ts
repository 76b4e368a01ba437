/**
 * Every code of an `AppError`, with its properties. An error with a code that is not listed here does not compile: add
 * a row to the group that the error belongs to, and then update docs/errors.md with `node setup/generate/write-error-docs.mjs`.
 *
 * A code is stable once it is released, because clients and scripts read it.
 */
export interface ErrorFacts {
  /** HTTP status, if the error reaches a client. */
  readonly status: number
  /** Whether the same request can succeed a little later without any change by the user. */
  readonly retry: boolean
  /** What happened, for docs/errors.md; the error's own message says what to do. */
  readonly means: string
  /** The API's code if it differs from this one with underscores: OpenAI's own, if OpenAI has one. */
  readonly api?: string
  /** The field of the request that is at fault. */
  readonly param?: string
  /** Sent as `Retry-After`, unless the error has its own `retryAfterMs`; of other failures with status 429 or 503 to retry, 1. */
  readonly retryAfterS?: number
  /** The code that `infer` throws instead; without it and the trait `inference`, `infer` throws `instance-failed`. */
  readonly inferAs?: string
  readonly traits?: readonly ErrorTrait[]
}

/** Properties of a code on which the node's decisions depend. */
export type ErrorTrait =
  /** `infer` throws it unchanged. */
  | 'inference'
  /** The instance can recover; any other failure would occur again. */
  | 'recoverable'
  /** Thrown by the native engine. */
  | 'engine'
  /** It ends a single generation; all other errors of the engine end the worker. */
  | 'one-generation'
  /** Placement refuses the request; further nodes may make it possible. */
  | 'placement'
  /** The leader is temporarily unknown or unreachable: the command is retried. */
  | 'leader-passing'
  /** The connection to another node broke, so work running there is lost. */
  | 'link-fault'
  /** The hub did not answer whether it has the model. */
  | 'hub-silent'
  /** The hub does not have the model or cannot be reached. */
  | 'not-at-hub'
  | 'history'
  /** The history accepts no rows until the user takes action. */
  | 'history-trouble'

type ErrorGroup = Readonly<Record<string, ErrorFacts>>

const requests = {
  'invalid-request': { status: 400, retry: false, traits: ['inference'], means: 'The request is invalid.' },
  'model-purpose': {
    status: 400,
    retry: false,
    api: 'model_unsupported',
    param: 'model',
    traits: ['inference'],
    means: 'The model does something else: it makes embeddings, reranks, or generates text.',
  },
  'context-exceeded': {
    status: 400,
    retry: false,
    api: 'context_length_exceeded',
    traits: ['inference', 'engine', 'one-generation'],
    means: "The prompt is longer than the model's context.",
  },
  'invalid-token': {
    status: 400,
    retry: false,
    inferAs: 'invalid-request',
    traits: ['engine', 'one-generation'],
    means: "A token id is outside the model's vocabulary.",
  },
  'grammar-unsupported': {
    status: 400,
    retry: false,
    traits: ['inference', 'engine', 'one-generation'],
    means: 'The grammar or schema of the answer cannot be enforced.',
  },
  'draft-unsupported': {
    status: 400,
    retry: false,
    param: 'draft_model',
    traits: ['inference'],
    means: 'The draft model does not match the main model, or does not fit into memory beside it.',
  },
  'draft-failed': {
    status: 400,
    retry: false,
    param: 'draft_model',
    inferAs: 'draft-unsupported',
    traits: ['engine', 'one-generation'],
    means: 'The draft model could not be loaded.',
  },
  'answer-unfit': { status: 502, retry: true, means: 'The model did not answer in the requested format.' },
  'name-ambiguous': { status: 409, retry: false, means: 'The name is ambiguous.' },
  'engine-busy': {
    status: 429,
    retry: true,
    retryAfterS: 1,
    traits: ['inference', 'engine', 'one-generation'],
    means: 'The request queue is full.',
  },
  cancelled: { status: 400, retry: false, api: 'request_cancelled', traits: ['inference'], means: 'The request was cancelled.' },
  timeout: { status: 503, retry: true, traits: ['inference'], means: 'The operation timed out.' },
  'node-stopping': { status: 503, retry: true, retryAfterS: 10, means: 'The node is stopping.' },
  'too-many-connections': { status: 503, retry: true, retryAfterS: 1, means: 'All connections that this node may open are in use.' },
  internal: { status: 500, retry: false, means: "Internal error. See the node's log." },
} as const satisfies ErrorGroup

const models = {
  'model-not-found': {
    status: 404,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'There is no model with this name.',
  },
  'model-unsupported': {
    status: 400,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'This version of exo does not support the model.',
  },
  'quantization-unsupported': {
    status: 400,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: "This version of exo does not read the quantization of the model's weights.",
  },
  'model-damaged': {
    status: 400,
    retry: false,
    param: 'model',
    traits: ['inference', 'engine'],
    means: 'Model files are missing or damaged.',
  },
  'model-not-ours': {
    status: 409,
    retry: false,
    param: 'model',
    means: 'The model belongs to another program, so exo does not delete it.',
  },
  'model-in-use': { status: 409, retry: false, param: 'model', means: 'The model is loaded or being downloaded.' },
  'model-not-moved': { status: 409, retry: false, means: 'The files of a model could not be moved. They are where they were.' },
  'model-exists': { status: 409, retry: false, param: 'model', means: 'A model with this name already exists.' },
  'model-card-invalid': { status: 500, retry: false, param: 'model', means: 'A built-in or user model card is invalid.' },
  'model-file-not-found': {
    status: 404,
    retry: true,
    param: 'model',
    means: 'Another node requested a file of a model that this node does not have.',
  },
  'model-store-unreadable': { status: 500, retry: false, param: 'model', means: 'The model folder cannot be read.' },
  'default-model-missing': { status: 500, retry: false, means: 'The embedded model is missing.' },
  'download-not-found': { status: 404, retry: false, means: 'The download does not exist.' },
  'download-damaged': { status: 503, retry: true, means: 'The downloaded data does not match its checksum.' },
  'download-cancelled': { status: 503, retry: false, means: 'The download was cancelled.' },
  'download-paused': { status: 409, retry: false, means: 'The download is paused.' },
  'download-failed': { status: 502, retry: true, means: 'The download failed.' },
  'too-many-downloads': { status: 429, retry: true, means: 'The download queue is full.' },
  'copy-damaged': { status: 502, retry: true, means: 'A copy from another node was interrupted or is damaged.' },
} as const satisfies ErrorGroup

const hub = {
  'hub-gated': { status: 403, retry: false, api: 'model_gated', means: 'The model is gated: its owner must grant access.' },
  'hub-token-refused': { status: 403, retry: false, means: 'The hub rejected the token in HF_TOKEN.' },
  'hub-model-not-found': {
    status: 404,
    retry: false,
    api: 'model_not_found',
    traits: ['not-at-hub'],
    means: 'The hub has no such model, or the token has no access to it.',
  },
  'hub-revision-not-found': { status: 404, retry: false, means: 'The model has no such revision.' },
  'hub-file-not-found': { status: 404, retry: false, api: 'model_not_found', means: 'The model lacks a file that it needs.' },
  'hub-refused': { status: 502, retry: false, means: 'The hub rejected the request.' },
  'hub-answer-invalid': { status: 502, retry: true, means: 'The hub sent an invalid response.' },
  'hub-busy': { status: 503, retry: true, traits: ['hub-silent'], means: 'The hub limits the rate of requests.' },
  'hub-unavailable': { status: 503, retry: true, traits: ['hub-silent'], means: 'The hub reported an internal error.' },
  'hub-unreachable': { status: 503, retry: true, traits: ['hub-silent', 'not-at-hub'], means: 'The hub cannot be reached.' },
  'hub-offline': { status: 503, retry: false, traits: ['hub-silent', 'not-at-hub'], means: 'The node is in offline mode.' },
} as const satisfies ErrorGroup

const instances = {
  'not-enough-memory': {
    status: 503,
    retry: true,
    traits: ['inference', 'placement'],
    means: 'The model does not fit into free memory.',
  },
  'no-nodes': { status: 409, retry: false, traits: ['placement'], means: 'No node can hold the model.' },
  'not-enough-nodes': { status: 409, retry: false, traits: ['placement'], means: 'There are fewer nodes than requested.' },
  'not-connected': {
    status: 409,
    retry: false,
    traits: ['placement'],
    means: 'The nodes with enough memory are not linked to each other.',
  },
  'backend-impossible': { status: 409, retry: false, traits: ['placement'], means: 'The requested backend is not available here.' },
  'strategy-impossible': {
    status: 409,
    retry: false,
    traits: ['placement'],
    means: 'The model cannot be split as requested.',
  },
  'instance-not-found': { status: 404, retry: false, means: 'The instance does not exist.' },
  'node-not-found': { status: 404, retry: false, means: 'The cluster has no such node.' },
  'instance-failed': {
    status: 503,
    retry: true,
    traits: ['inference'],
    means: 'The model could not be loaded, or failed during an answer.',
  },
  'instance-recovering': { status: 503, retry: true, traits: ['recoverable'], means: 'The model is being loaded again.' },
  'worker-died': {
    status: 503,
    retry: true,
    api: 'instance_failed',
    traits: ['recoverable'],
    means: 'The worker process of the model exited.',
  },
  'worker-unkillable': { status: 503, retry: false, means: 'The worker process of the model does not exit.' },
  'consumer-too-slow': { status: 503, retry: true, traits: ['recoverable'], means: 'The answer was read too slowly.' },
  'duplicate-generation': {
    status: 409,
    retry: false,
    traits: ['one-generation'],
    means: 'An answer with this id is already being generated.',
  },
  'no-such-group': { status: 409, retry: true, means: 'A rank requested the keys of an instance that has ended.' },
  'out-of-memory': { status: 503, retry: true, inferAs: 'not-enough-memory', traits: ['engine'], means: 'The engine ran out of memory.' },
  'strategy-unsupported': {
    status: 400,
    retry: false,
    inferAs: 'model-unsupported',
    traits: ['engine'],
    means: 'The engine cannot split this model as requested.',
  },
  'rank-mismatch': { status: 503, retry: false, traits: ['engine'], means: 'The ranks of an instance disagree about their numbers.' },
  'group-failed': { status: 503, retry: true, traits: ['engine'], means: 'A rank of the instance cannot be reached.' },
  'engine-failed': { status: 500, retry: true, traits: ['engine'], means: 'Internal error of the engine.' },
  'shard-closed': { status: 503, retry: true, traits: ['engine'], means: 'The model was unloaded.' },
  'addon-missing': { status: 500, retry: false, traits: ['engine'], means: 'The native engine is not built, or cannot be loaded.' },
  'engine-unknown': { status: 500, retry: false, means: 'The engine that `EXO_ENGINE` names does not exist.' },
  'invalid-command': { status: 500, retry: false, means: 'A worker received a command that is invalid in its state.' },
  'no-cable': { status: 409, retry: false, means: 'There is no RDMA cable between two nodes.' },
  'launch-address-divided': { status: 409, retry: false, means: 'The ranks reach rank 0 at different addresses.' },
  'launch-address-missing': { status: 409, retry: true, means: 'A neighbouring rank has no reachable address.' },
  'launch-address-not-ipv4': {
    status: 409,
    retry: false,
    means: 'The address of a neighbouring rank is not one at which its group can connect: JACCL needs IPv4.',
  },
  'launch-devices-invalid': { status: 409, retry: false, means: 'The RDMA devices do not connect the ranks as JACCL requires.' },
  'launch-port-missing': { status: 503, retry: true, means: 'A rank has no port yet.' },
} as const satisfies ErrorGroup

const cluster = {
  'no-leader': { status: 503, retry: true, traits: ['leader-passing'], means: 'The cluster has no leader at the moment.' },
  'too-many-instances': { status: 409, retry: false, means: 'The cluster has as many placed models as it can hold.' },
  'leader-silent': { status: 503, retry: true, means: 'The machine that leads the cluster does not answer, so nothing can be placed.' },
  'cluster-changed': { status: 503, retry: true, traits: ['inference'], means: 'The node has joined another cluster.' },
  'cluster-switching': { status: 503, retry: true, traits: ['inference'], means: 'The node is joining another cluster.' },
  'cluster-has-key': {
    status: 409,
    retry: false,
    means: 'The cluster has a key, so machines join with the key and are not admitted one by one.',
  },
  'cluster-key-missing': { status: 403, retry: false, means: 'The cluster requires a key.' },
  'cluster-key-short': { status: 400, retry: false, means: 'The key is too short.' },
  'cluster-key-wrong': { status: 403, retry: false, means: 'The cluster key is wrong.' },
  'cluster-name-too-long': { status: 400, retry: false, means: 'The cluster name is too long to announce.' },
  'cluster-not-nearby': { status: 404, retry: true, means: 'The cluster was not found nearby.' },
  'cluster-unreachable': { status: 503, retry: true, means: 'No node of the cluster can be reached.' },
  'member-unknown': { status: 404, retry: false, means: 'The cluster has no member with this name.' },
  'newcomer-unknown': { status: 404, retry: false, means: 'No machine with this name is waiting to join.' },
  'no-pairing': { status: 409, retry: false, means: 'No pairing is in progress.' },
  'pairing-busy': { status: 409, retry: true, means: 'The machine is already pairing with another one.' },
  'pairing-no-key': { status: 409, retry: false, means: 'The cluster has no key. Join it without one.' },
  'pairing-other-cluster': { status: 409, retry: false, means: 'The other machine has moved to another cluster.' },
  'pairing-other-protocol': { status: 409, retry: false, means: 'The other machine runs an incompatible version of exo.' },
  'pairing-put-out': { status: 409, retry: false, means: 'This machine was removed from the cluster.' },
  'pairing-open-there': { status: 409, retry: false, means: 'The cluster is open and this machine is not. Start exo with --open.' },
  'pairing-closed-there': { status: 409, retry: false, means: 'The cluster is closed and this machine is open. Start exo without --open.' },
  'pairing-declined': { status: 409, retry: false, means: 'The digits were not confirmed on the other machine.' },
  'pairing-timed-out': { status: 408, retry: false, means: 'The digits were not confirmed in time.' },
  'pairing-too-many-attempts': { status: 429, retry: false, means: 'Too many pairing attempts with the other machine.' },
  'pairing-broken': { status: 503, retry: true, means: 'The pairing was interrupted.' },
} as const satisfies ErrorGroup

const links = {
  'no-link': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'There is no link to the other node.' },
  'link-lost': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'The link to the other node was lost.' },
  'link-closed': { status: 503, retry: true, traits: ['leader-passing', 'link-fault'], means: 'The other node closed the link.' },
  'links-closed': { status: 503, retry: true, traits: ['link-fault'], means: 'This node is stopping and has closed its links.' },
  'too-many-streams': { status: 503, retry: true, traits: ['link-fault'], means: 'Too many streams are open between two nodes.' },
  'stream-invalid': { status: 502, retry: false, traits: ['link-fault'], means: 'The other node sent an invalid answer.' },
  'stream-abandoned': { status: 503, retry: true, means: 'The reader of a stream stopped reading.' },
  'stream-done': { status: 500, retry: false, means: 'The other node closed a stream that is still being written.' },
  'unknown-stream-kind': { status: 501, retry: false, means: "The other node's version does not support this request." },
  'peer-failed': { status: 502, retry: true, means: 'The other node failed with an error unknown to this version.' },
  'chunk-too-large': { status: 500, retry: false, means: 'A stream chunk is too large.' },
  'header-too-large': { status: 413, retry: false, means: 'A request to another node is too large.' },
  'message-too-large': { status: 413, retry: false, means: 'A message to another node is too large.' },
  'bad-greeting': { status: 502, retry: false, means: 'The other side is not an exo node.' },
  'greeting-timeout': { status: 504, retry: true, means: 'The other side did not send its hello in time.' },
  'connect-timeout': { status: 504, retry: true, means: 'The other side did not answer in time.' },
  'dial-timeout': { status: 504, retry: true, means: 'Dialling the other node timed out.' },
  'dial-superseded': { status: 503, retry: true, means: 'The other node dialled first.' },
  'peer-unproven': { status: 502, retry: false, means: 'The other side could not prove the expected identity.' },
  'thread-ended': { status: 500, retry: false, means: 'The heartbeat thread exited.' },
  'peer-port-in-use': { status: 503, retry: false, means: 'The peer port is in use.' },
  'peer-port-failed': { status: 503, retry: false, means: 'The peer port could not be opened.' },
} as const satisfies ErrorGroup

const node = {
  'disk-full': { status: 503, retry: false, means: 'The disk is full.' },
  'disk-failing': { status: 503, retry: false, means: 'The disk failed to read or write.' },
  'disk-refused': { status: 503, retry: false, means: 'The user has no permission to write there.' },
  'too-many-open-files': { status: 503, retry: true, means: 'Too many files are open.' },
  'file-damaged': { status: 500, retry: false, means: 'A node file and its backup are damaged.' },
  'outside-root': { status: 400, retry: false, means: 'A path points outside its folder.' },
  'config-damaged': { status: 500, retry: false, means: 'The configuration file is not valid JSON.' },
  'editor-failed': { status: 500, retry: false, means: 'The editor could not start, or it failed.' },
  'service-failed': { status: 500, retry: false, means: 'The service manager of the system refused a command.' },
  'service-missing': { status: 404, retry: false, means: 'No service of exo is installed.' },
  'service-unsupported': { status: 501, retry: false, means: 'Services are not supported on this system.' },
  'setting-invalid': { status: 400, retry: false, means: 'A setting in the configuration file or the environment has an invalid value.' },
  'setting-unknown': { status: 400, retry: false, means: 'There is no such setting.' },
  'settings-damaged': { status: 500, retry: false, means: "The node's settings are damaged." },
  'settings-unreadable': { status: 500, retry: false, means: "The node's settings cannot be read." },
  'identity-damaged': { status: 500, retry: false, means: "The node's identity is damaged." },
  'identity-unreadable': { status: 500, retry: false, means: "The node's identity cannot be read." },
  'api-tokens-damaged': { status: 500, retry: false, means: 'The API token file is damaged.' },
  'chat-not-found': { status: 404, retry: false, means: 'The chat, or a message in it, does not exist.' },
  'chat-exists': { status: 409, retry: false, means: 'A chat with this id already exists.' },
  'chat-busy': { status: 409, retry: true, means: 'The chat is still being answered.' },
  'chat-too-long': { status: 409, retry: false, means: 'The chat has reached its limit.' },
  'chats-full': { status: 409, retry: false, means: 'The space for chats is used up.' },
  'token-name-taken': { status: 409, retry: false, means: 'An API token with this name already exists.' },
  'token-not-found': { status: 404, retry: false, means: 'The API token does not exist.' },
  'too-many-tokens': { status: 409, retry: false, means: 'The limit of API tokens is reached.' },
  'already-running': { status: 409, retry: false, means: 'A node is already running with this data folder.' },
  'cannot-listen': { status: 500, retry: false, means: 'The API cannot listen on its address.' },
  'port-in-use': { status: 409, retry: false, means: 'The API port is in use.' },
  'port-forbidden': { status: 403, retry: false, means: 'The user has no permission to open the API port.' },
  'channel-closed': { status: 503, retry: true, means: 'The channel to a process of the node is closed.' },
  'hardware-unread': { status: 503, retry: true, means: 'The memory size of the machine cannot be read.' },
  'hardware-file-invalid': { status: 400, retry: false, means: 'The hardware recording is invalid.' },
  'hardware-file-unreadable': { status: 400, retry: false, means: 'The hardware recording cannot be read.' },
  'not-a-mac': { status: 501, retry: false, means: 'This command works only on a Mac.' },
  'administrator-refused': { status: 403, retry: false, means: 'The administrator password was not given.' },
  'network-setup-failed': { status: 500, retry: false, means: 'The network settings could not be changed.' },
  'nothing-to-undo': { status: 409, retry: false, means: 'There is nothing to undo.' },
  'setup-memory-damaged': { status: 500, retry: false, means: 'The file with the previous network settings is damaged.' },
} as const satisfies ErrorGroup

const history = {
  'history-off': {
    status: 503,
    retry: false,
    traits: ['history', 'history-trouble'],
    means: 'The history is disabled or cannot be opened.',
  },
  'history-locked': { status: 503, retry: true, traits: ['history', 'history-trouble'], means: 'Another program has the history open.' },
  'history-busy': { status: 503, retry: true, traits: ['history'], means: "The history's query queue is full." },
  'history-failed': { status: 503, retry: true, traits: ['history', 'history-trouble'], means: 'The history failed.' },
  'history-timeout': { status: 503, retry: true, traits: ['history'], means: 'The history did not answer in time.' },
  'query-refused': { status: 400, retry: false, traits: ['history'], means: 'The history does not accept this statement.' },
  'query-failed': { status: 400, retry: false, traits: ['history'], means: 'The statement failed.' },
} as const satisfies ErrorGroup

const programs = {
  'api-refused': { status: 502, retry: false, means: "The node refused the request; `details.apiCode` has the API's code." },
  unreachable: { status: 503, retry: true, means: 'The node does not answer.' },
  'no-body': { status: 502, retry: true, means: 'The node answered without a body.' },
  'unexpected-answer': { status: 502, retry: false, means: "The node's answer is not understood by this version." },
  'not-own-node': { status: 503, retry: false, means: 'Another program listens where this node should.' },
  'tool-not-installed': { status: 409, retry: false, means: 'The program of the tool was not found.' },
  'no-model-for-tool': { status: 409, retry: false, means: 'No model here can do what the tool needs.' },
  'tool-settings-unreadable': { status: 409, retry: false, means: 'The configuration of the tool cannot be changed safely.' },
  'not-running': { status: 503, retry: false, means: 'No node is running with this data folder.' },
  'node-not-running': { status: 503, retry: true, means: "The app's node is not running." },
  'not-permitted': { status: 403, retry: false, means: 'Writing a file requires an administrator.' },
  'command-exists': { status: 409, retry: false, means: 'Another program already uses the name of the command.' },
  'invalid-call': { status: 400, retry: false, means: 'The page called the app with invalid arguments.' },
  'unknown-call': { status: 404, retry: false, means: 'The app does not have this call.' },
  'untrusted-sender': { status: 403, retry: false, means: 'A page without permission called the app.' },
  'update-not-signed': { status: 502, retry: false, means: 'The update is not signed by the publisher of the app.' },
  'update-unreachable': { status: 502, retry: true, means: 'The list of versions or a version cannot be read.' },
  'update-damaged': { status: 502, retry: true, means: 'A downloaded version differs from the signed one, or does not start.' },
  'update-unsupported': { status: 409, retry: false, means: 'This installation is updated in another way.' },
  'catalogue-not-signed': { status: 502, retry: false, means: 'The catalogue is not signed with the key of its publisher.' },
  'catalogue-invalid': { status: 502, retry: false, means: 'The catalogue does not have the expected form.' },
  'catalogue-outdated': { status: 409, retry: false, means: 'The catalogue is older than the one in use.' },
  'catalogue-unreachable': { status: 502, retry: true, means: 'The catalogue or its signature cannot be read.' },
  'catalogue-key-missing': { status: 409, retry: false, means: 'There is no key with which to verify the catalogue.' },
  'family-check-failed': { status: 409, retry: false, means: 'A described family does not give its recorded answer here.' },
  interrupted: { status: 503, retry: true, means: 'The user interrupted the command.' },
  'file-unreadable': { status: 400, retry: false, means: 'A given file cannot be read.' },
  'topology-invalid': { status: 400, retry: false, means: 'The given topology is invalid.' },
  'topology-unreadable': { status: 400, retry: false, means: 'The given topology cannot be read.' },
  'doctor-late': { status: 504, retry: true, means: 'A check timed out.' },
  'doctor-problem': { status: 500, retry: false, means: 'A check found a problem.' },
} as const satisfies ErrorGroup

const benchmarks = {
  'baseline-invalid': { status: 400, retry: false, means: 'The baseline file is invalid.' },
  'benchmark-config-invalid': { status: 400, retry: false, means: 'The benchmark configuration is invalid.' },
  'benchmark-failed': { status: 500, retry: false, means: 'A run failed or was slower than the baseline allows.' },
  'calibration-not-alone': { status: 409, retry: false, means: 'The machine to calibrate is in a cluster with others.' },
  'loaded-otherwise': { status: 409, retry: false, means: 'The model is loaded with another placement than the one to measure.' },
  'placed-otherwise': { status: 409, retry: false, means: 'The cluster chose another placement than the one to measure.' },
  'request-failed': { status: 502, retry: true, means: 'The measured server refused a request.' },
  'run-failed': { status: 500, retry: false, means: 'A measurement failed.' },
  'mlx-group-failed': { status: 500, retry: false, means: 'A rank of a bare MLX group exited early.' },
  'mlx-lm-failed': { status: 500, retry: false, means: 'The measurement of mlx-lm failed.' },
  'node-not-ready': { status: 503, retry: true, means: 'A measured node did not get ready.' },
  'nodes-not-ready': { status: 503, retry: true, means: 'The measured nodes did not get ready.' },
  'placement-refused': { status: 409, retry: false, means: 'The cluster refused a placement to measure.' },
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

/**
 * The code of an error that another process or another node, possibly of another version, has sent; `fallback` if this
 * version does not know it.
 */
export function toErrorCode(text: string, fallback: ErrorCode): ErrorCode {
  return isErrorCode(text) ? text : fallback
}

export function hasTrait<Trait extends ErrorTrait>(code: ErrorCode, trait: Trait): code is ErrorCodeWith<Trait> {
  return errorFacts(code).traits?.includes(trait) ?? false
}
