import type { SpawnProcess } from '../../platform/processes/spawn-process.ts'
import type { AdmissionMode } from '../../shared/wire/peer/cluster-record.ts'

/** Long work of a node, for its host to show. */
export interface NodeProgress {
  readonly label: string
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface LoadedModel {
  readonly modelId: string
  readonly loadMs: number
  /** Faster options and why they are not available. */
  readonly stepsDown: readonly string[]
}

/** The services that the host process provides to a node. */
export interface NodeHost {
  readonly spawn: SpawnProcess
  /** The bundled or source entries of the shard worker, the tokenizer's thread and the process with the history. */
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
  /** The embedded default model's GGUF, as set-up left it. */
  readonly defaultModelFile: string
  /** DuckDB's extension, as set-up left it. */
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
  /** It made the token itself, so that its host has to show it. */
  readonly isTokenMade: boolean
  /** The cluster that it began in, and who gets into that. */
  readonly cluster: { readonly clusterName: string; readonly admission: AdmissionMode }
  /** Resolves when the models asked for at start answer requests; rejects when one cannot be loaded. */
  readonly ready: Promise<readonly LoadedModel[]>
  /** Rejects when the node cannot go on; never resolves. */
  readonly failed: Promise<never>
  /** @param options.drainMs - how long running answers may take to end; new requests are refused meanwhile */
  stop(options?: { readonly drainMs?: number }): Promise<void>
}
