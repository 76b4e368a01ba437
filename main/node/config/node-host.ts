import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'

/** A long operation of a node, for its host to display. */
export interface NodeProgress {
  readonly label: string
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface LoadedModel {
  readonly modelId: string
  readonly loadMs: number
  /** Faster options and the reasons why they are not available. */
  readonly stepsDown: readonly string[]
}

/** The services that the host process provides to a node. */
export interface NodeHost {
  readonly spawn: SpawnProcess
  /** The entries of the shard worker, the tokenizer thread and the history process, bundled or from source. */
  readonly workerEntry: string
  readonly tokenizerEntry: string
  readonly historyEntry: string
  /** Entry points of the threads for link datagrams and large bodies. */
  readonly datagramEntry: string
  readonly bodyEntry: string
  readonly nativeAddon: string
  readonly assetsDir: string
  /** The built renderer. */
  readonly dashboardDir: string
  /** The GGUF file of the embedded default model, installed by setup. */
  readonly defaultModelFile: string
  /** DuckDB's extension, installed by setup. */
  readonly ducklakeFile: string
  onProgress(progress: NodeProgress): void
}

/** A running node. */
export interface StartedNode {
  readonly nodeId: string
  readonly name: string
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly apiUrl: string
  /** The token that its API requires; null: none. */
  readonly apiToken: string | null
  /** The node created the token itself, so its host must show it. */
  readonly isTokenMade: boolean
  /** The cluster in which the node started, and who is admitted to it. */
  readonly cluster: { readonly clusterName: string; readonly admission: AdmissionMode }
  /** Resolves when the models requested at start answer requests; rejects if one cannot be loaded. */
  readonly ready: Promise<readonly LoadedModel[]>
  /** Rejects when the node cannot continue; never resolves. */
  readonly failed: Promise<never>
  /** @param options.drainMs - how long running answers may take to end; new requests are refused in the meantime */
  stop(options?: { readonly drainMs?: number }): Promise<void>
}
