/** A server's HTTP API. Failures are thrown as AppErrors with the server's message. */
export interface HttpApi {
  get(path: string): Promise<unknown>
  post(path: string, body: unknown): Promise<unknown>
  delete(path: string): Promise<unknown>
  /** The `data:` payloads of a server-sent event stream, without `[DONE]`. */
  stream(path: string, body: unknown, signal: AbortSignal): AsyncIterable<unknown>
}

export interface BenchmarkPlacement {
  readonly model: string
  readonly strategy: 'auto' | 'pipeline' | 'tensor'
  readonly backend: 'auto' | 'ring' | 'jaccl'
}

export interface PreparedModel {
  /** Prompts are token ids below this; null: the server accepts only text. */
  readonly vocabSize: number | null
  /** Undoes the changes made by preparing. */
  release(): Promise<void>
}

export interface ServerUsage {
  readonly peakMemoryBytes: Readonly<Record<string, number>> | null
  /** Bytes exchanged between the ranks since they were loaded. */
  readonly linkBytes: number | null
}

/** A server to be measured. */
export interface BenchmarkTarget {
  readonly url: string
  prepare(placement: BenchmarkPlacement, signal: AbortSignal): Promise<PreparedModel>
  usage(): Promise<ServerUsage>
  stream(path: string, body: unknown, signal: AbortSignal): AsyncIterable<unknown>
}
