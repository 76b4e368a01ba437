import { z } from 'zod'
import type { Clock } from '../../platform/clock.ts'
import type { Random } from '../../platform/random.ts'
import { retry } from '../../platform/waiting/retry.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { HubHit } from '../../shared/models/hub-hit.ts'
import { parsePythonJson } from '../../shared/formats/parse-python-json.ts'
import { version } from '../../shared/version.ts'
import { ModelFilePath } from '../../shared/wire/peer/model-file-request.ts'
import type { HubFetch, HubResponse } from './create-hub-fetch.ts'
import { askedDelayMs, hubError, hubUnreachable, isRetryableHubError } from './hub-error.ts'
import type { HubManifest } from '../files/hub-file.ts'
import { isHubId } from '../files/hub-file.ts'
import { HubCommit, HubFile } from '../../shared/wire/peer/model-file-request.ts'
import { readWithin } from './read-within.ts'
import { hubHits, HubSearchAnswer, hubSearchQuery } from './hub-search.ts'
import type { HubSettings } from './hub-settings.ts'

const MAX_FILES = 4096
const MOST_PAGES = 256
const MOST_SHOWN = 4096
/** Few, so that a machine without a network finds out quickly. */
const UNREACHABLE_ATTEMPTS = 3
const MAX_JSON_FILE_BYTES = 64 << 20

const RevisionAnswer = z.object({ sha: HubCommit })
const TreeAnswer = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    oid: z.string(),
    size: z.int().min(0),
    lfs: z.object({ oid: z.string(), size: z.int().min(0) }).nullish(),
  }),
)
export interface HubBytes {
  /** Offset of the first byte. It differs from the requested one if the server ignores ranges. */
  readonly start: number
  /** Rejects with AppError `hub-unreachable` when the connection breaks. Leaving the loop early closes it. */
  readonly chunks: AsyncIterable<Uint8Array>
}

export interface HubClientDependencies {
  readonly settings: Pick<HubSettings, 'endpoint' | 'token' | 'isOffline'>
  readonly fetch: HubFetch
  /** Whether this machine's own user has requested a model. Absent: every request comes from the user. */
  readonly isAsked?: (modelId: string) => boolean
  readonly clock: Clock
  readonly random: Random
  /** Attempts per API call, counted from the first failure. Default: 5. */
  readonly attempts?: number
  readonly firstDelayMs?: number
}

/** A client of the Hugging Face hub, or of a server with the same API. */
export class HubClient {
  readonly endpoint: string
  readonly #dependencies: HubClientDependencies
  /** Models that the hub shows to everyone, including gated ones. */
  readonly #shown = new Set<string>()

  constructor(dependencies: HubClientDependencies) {
    this.#dependencies = dependencies
    this.endpoint = dependencies.settings.endpoint
  }

  get isOffline(): boolean {
    return this.#dependencies.settings.isOffline
  }

  /**
   * The files of a model, pinned to the current commit of the revision.
   *
   * @throws AppError `hub-offline` | `hub-unreachable` | `hub-gated` | `hub-token-refused` | `hub-model-not-found` |
   *   `hub-revision-not-found` | `hub-busy` | `hub-unavailable` | `hub-answer-invalid`
   */
  async manifest(modelId: ModelId, revision: string, signal: AbortSignal): Promise<HubManifest> {
    const commit = await this.commitOf(modelId, revision, signal)
    const files: HubFile[] = []
    let pages = 0
    for (let url: string | null = `${this.endpoint}/api/models/${modelId}/tree/${commit}?recursive=true&expand=false`; url !== null; ) {
      const page: { value: z.infer<typeof TreeAnswer>; next: string | null } = await this.#getJson(url, modelId, TreeAnswer, signal)
      for (const { type, path, oid, size, lfs } of page.value)
        if (type === 'file') files.push(this.#parse(HubFile, { path, sizeBytes: lfs?.size ?? size, etag: lfs?.oid ?? oid }, modelId))
      if (files.length > MAX_FILES || ++pages > MOST_PAGES) throw this.#invalid(modelId)
      url = page.next
    }
    return { modelId, commit, files }
  }

  /** The commit of a revision now. @throws as `manifest` */
  async commitOf(modelId: ModelId, revision: string, signal: AbortSignal): Promise<string> {
    const url = `${this.endpoint}/api/models/${modelId}/revision/${encodeURIComponent(revision)}`
    return (await this.#getJson(url, modelId, RevisionAnswer, signal)).value.sha
  }

  /** @param text - empty: what is popular now. @throws as `manifest` */
  async search(text: string, limit: number, signal: AbortSignal): Promise<HubHit[]> {
    const url = `${this.endpoint}/api/models?${hubSearchQuery(text, limit)}`
    return hubHits((await this.#getJson(url, `search for "${text}"`, HubSearchAnswer, signal)).value, limit)
  }

  /** Reads a small JSON file. @throws as `manifest`, and `hub-file-not-found` */
  async readJson(manifest: HubManifest, path: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const file = manifest.files.find((candidate) => candidate.path === path)
    if (!file || file.sizeBytes > MAX_JSON_FILE_BYTES)
      throw new AppError('hub-file-not-found', `${manifest.modelId} has no valid ${path} at ${this.endpoint}, so exo cannot run it.`, {
        path,
      })
    return (await this.#getJson(this.#fileUrl(manifest, path), manifest.modelId, z.record(z.string(), z.unknown()), signal)).value
  }

  /**
   * Bytes of a file, from `start` to `end` (exclusive), in a single attempt.
   *
   * @throws as `manifest`, and `hub-file-not-found`
   */
  async open(
    manifest: Pick<HubManifest, 'modelId' | 'commit'>,
    file: HubFile,
    { start, end }: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): Promise<HubBytes> {
    const isWhole = start === 0 && end === file.sizeBytes
    const response = await this.#request(
      this.#fileUrl(manifest, file.path),
      manifest.modelId,
      isWhole ? {} : { range: `bytes=${start}-${end - 1}` },
      signal,
    )
    const from = response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? NaN) : 0
    if (!response.body || (from !== 0 && from !== start)) {
      await response.body?.cancel()
      throw this.#invalid(manifest.modelId)
    }
    return { start: from, chunks: this.#chunks(response, signal) }
  }

  /**
   * Keeps a reference to the response: if it were garbage-collected before its body is read, the body would end early
   * and be fetched again.
   */
  async *#chunks(response: HubResponse, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      if (response.body) yield* response.body
    } catch (cause) {
      signal.throwIfAborted()
      throw hubUnreachable(this.endpoint, cause)
    }
  }

  #fileUrl({ modelId, commit }: Pick<HubManifest, 'modelId' | 'commit'>, path: string): string {
    return `${this.endpoint}/${modelId}/resolve/${commit}/${ModelFilePath.parse(path).split('/').map(encodeURIComponent).join('/')}`
  }

  async #getJson<Output>(
    url: string,
    subject: string,
    schema: z.ZodType<Output>,
    signal: AbortSignal,
  ): Promise<{ value: Output; next: string | null }> {
    const { clock, random, attempts = 5, firstDelayMs = 500 } = this.#dependencies
    const get = async (): Promise<{ value: Output; next: string | null }> => {
      const response = await this.#request(url, subject, {}, signal)
      const bytes = await readWithin(response.body, MAX_JSON_FILE_BYTES).catch((cause: unknown) => {
        signal.throwIfAborted()
        throw hubUnreachable(this.endpoint, cause)
      })
      if (!bytes) throw this.#invalid(subject)
      return { value: this.#parse(schema, this.#json(bytes.toString('utf8'), subject), subject), next: this.#nextPage(response) }
    }
    let unreachableCount = 0
    const isRetryable = (error: unknown): boolean =>
      isRetryableHubError(error) && (errorCode(error) !== 'hub-unreachable' || ++unreachableCount < UNREACHABLE_ATTEMPTS)
    return retry(get, { attempts, firstDelayMs, maxDelayMs: 20_000, isRetryable, askedDelayMs, clock, random, signal })
  }

  #json(text: string, subject: string): unknown {
    try {
      return parsePythonJson(text)
    } catch (cause) {
      throw this.#invalid(subject, cause)
    }
  }

  /** The token is sent only to the hub. */
  #nextPage(response: HubResponse): string | null {
    const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
    return next !== undefined && new URL(next, this.endpoint).origin === new URL(this.endpoint).origin ? next : null
  }

  async #request(url: string, subject: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HubResponse> {
    const { settings, clock } = this.#dependencies
    if (settings.isOffline)
      throw new AppError(
        'hub-offline',
        `${subject} would have to be downloaded from ${this.endpoint}, but HF_HUB_OFFLINE is set. Unset it, ` +
          'or use a local model (exo models ls).',
        { subject },
      )
    const token = settings.token !== null && (await this.#mayShowToken(subject, signal)) ? settings.token : null
    const response = await this.#fetch(url, token, headers, signal)
    if (response.ok) return response
    await response.body?.cancel().catch(() => undefined)
    const facts = {
      endpoint: this.endpoint,
      subject,
      hasToken: settings.token !== null,
      isWithheld: token === null && settings.token !== null,
      nowEpochMs: clock.epochMs(),
    }
    throw hubError({ status: response.status, header: (name) => response.headers.get(name) }, facts)
  }

  async #fetch(url: string, token: string | null, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HubResponse> {
    return this.#dependencies
      .fetch(url, {
        headers: {
          'accept-encoding': 'identity',
          'user-agent': `exo-distributed/${version}`,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        signal,
      })
      .catch((cause: unknown) => {
        signal.throwIfAborted()
        throw hubUnreachable(this.endpoint, cause)
      })
  }

  /**
   * The token gives access to private models. A request from another node must not use it except for models that the
   * hub shows to everyone.
   */
  async #mayShowToken(subject: string, signal: AbortSignal): Promise<boolean> {
    const { isAsked } = this.#dependencies
    if (!isAsked || !isHubId(subject) || isAsked(subject) || this.#shown.has(subject)) return true
    const response = await this.#fetch(`${this.endpoint}/api/models/${subject}/revision/${MAIN_REVISION}`, null, {}, signal)
    await response.body?.cancel().catch(() => undefined)
    // Anyone who accepts the terms may use a gated model.
    const isShown = response.ok || response.headers.get('x-error-code') === 'GatedRepo'
    if (isShown && this.#shown.size < MOST_SHOWN) this.#shown.add(subject)
    return isShown
  }

  #parse<Output>(schema: z.ZodType<Output>, value: unknown, subject: string): Output {
    const parsed = schema.safeParse(value)
    if (!parsed.success) throw this.#invalid(subject, parsed.error)
    return parsed.data
  }

  #invalid(subject: string, cause?: unknown): AppError {
    return new AppError(
      'hub-answer-invalid',
      `${this.endpoint} does not answer like a model hub (${subject}). Check HF_ENDPOINT and the proxy settings.`,
      { subject },
      cause,
    )
  }
}
