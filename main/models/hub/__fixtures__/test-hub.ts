import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { readFiles } from './read-files.ts'

/** Faults to simulate, until they are changed. */
export interface HubFaults {
  /** Cuts the connection after this many bytes of an answer, `cutTimes` times, for files whose path contains `cutPath`. */
  cutAfterBytes: number
  cutTimes: number
  cutPath: string
  /** Changes one byte of files whose path contains this text. */
  corruptPath: string
  /** Answers the next requests with this status. */
  failStatus: number
  failTimes: number
  retryAfter: string
  ignoresRanges: boolean
  bytesPerSecond: number
  /** By model: whether the hub requires a token, or refuses access entirely. */
  gated: Record<string, 'needs-token' | 'closed'>
}

export interface HubRequest {
  readonly method: string
  readonly path: string
  readonly range: string | null
  /** Address of the client. */
  readonly from: string
  readonly hasToken: boolean
  status: number
  /** Bytes of the body. */
  sentBytes: number
}

/** A local hub that serves the models in a folder, `<organization>/<name>/`. */
export interface TestHub {
  readonly url: string
  readonly requests: HubRequest[]
  readonly faults: HubFaults
  commit(modelId: string): string
  close(): Promise<void>
}

interface RepoFile {
  readonly content: Buffer
  readonly oid: string
  /** sha256 of a large file. */
  readonly lfsOid: string | null
}

interface Repo {
  readonly commit: string
  readonly files: ReadonlyMap<string, RepoFile>
}

export interface TestHubOptions {
  readonly root: string
  readonly port?: number
  readonly host?: string
  readonly token?: string
  /** Large files come from another origin, as with the real hub. */
  readonly redirects?: boolean
  readonly pageSize?: number
}

const git = (kind: string, content: Buffer): string =>
  createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex')

async function readRepos(root: string): Promise<Map<string, Repo>> {
  const repos = new Map<string, Map<string, RepoFile>>()
  for (const [path, content] of await readFiles(root)) {
    const [organization, name, ...rest] = path.split('/')
    if (name === undefined || rest.length === 0) continue
    const isLarge = /\.(safetensors|gguf|bin)$/.test(path)
    const lfsOid = isLarge ? createHash('sha256').update(content).digest('hex') : null
    const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${lfsOid}\nsize ${content.length}\n`)
    const files = repos.get(`${organization}/${name}`) ?? new Map<string, RepoFile>()
    repos.set(`${organization}/${name}`, files.set(rest.join('/'), { content, oid: git('blob', isLarge ? pointer : content), lfsOid }))
  }
  return new Map(
    [...repos].map(([id, files]) => [
      id,
      { files, commit: git('tree', Buffer.from([...files].map(([path, { oid }]) => `${path} ${oid}`).join('\n'))) },
    ]),
  )
}

/**
 * Serves the hub's HTTP API: revisions (`main`, the tag `v1` and the commit are the same), paged trees, files with
 * ranges, redirects to a second origin, and error codes.
 */
export async function startTestHub({
  root,
  port = 0,
  host = '127.0.0.1',
  token,
  redirects = false,
  pageSize = 1000,
}: TestHubOptions): Promise<TestHub> {
  const repos = await readRepos(root)
  const requests: HubRequest[] = []
  const faults: HubFaults = {
    cutAfterBytes: 0,
    cutTimes: 0,
    cutPath: '',
    corruptPath: '',
    failStatus: 0,
    failTimes: 0,
    retryAfter: '',
    ignoresRanges: false,
    bytesPerSecond: 0,
    gated: {},
  }
  let storage: Server | null = null

  const refuse = (response: ServerResponse, status: number, code: string | null, message: string): void => {
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(code === null ? {} : { 'x-error-code': code, 'x-error-message': message }),
      ...(faults.retryAfter && status === 429 ? { 'retry-after': faults.retryAfter } : {}),
    })
    response.end(JSON.stringify({ error: message }))
  }
  const answerJson = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...headers })
    response.end(JSON.stringify(value))
  }

  async function sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    record: HubRequest,
    path: string,
    { content }: RepoFile,
    headers: Record<string, string>,
  ): Promise<void> {
    const asked = faults.ignoresRanges ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    const start = asked ? Number(asked[1]) : 0
    const end = asked?.[2] ? Math.min(content.length, Number(asked[2]) + 1) : content.length
    if (asked && start >= content.length)
      return void response.writeHead(416, { ...headers, 'content-range': `bytes */${content.length}` }).end()
    response.writeHead(asked ? 206 : 200, {
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': end - start,
      ...(asked ? { 'content-range': `bytes ${start}-${end - 1}/${content.length}` } : {}),
    })
    if (request.method === 'HEAD') return void response.end()
    const body = Buffer.from(content.subarray(start, end))
    if (faults.corruptPath !== '' && path.includes(faults.corruptPath) && body.length > 0) body[body.length >> 1]! ^= 1
    const isCut = faults.cutTimes > 0 && body.length > faults.cutAfterBytes && path.includes(faults.cutPath)
    if (isCut) faults.cutTimes -= 1
    const stop = isCut ? faults.cutAfterBytes : body.length
    while (record.sentBytes < stop && !response.destroyed) {
      const part = body.subarray(record.sentBytes, Math.min(stop, record.sentBytes + 65_536))
      record.sentBytes += part.length
      await new Promise((resolve) => response.write(part, resolve))
      if (faults.bytesPerSecond > 0) await sleep((part.length / faults.bytesPerSecond) * 1000)
    }
    if (isCut) response.destroy()
    else response.end()
  }

  function answerApi(url: URL, [, , organization, name, verb = 'revision', revision = 'main']: string[], response: ServerResponse): void {
    const id = `${organization}/${name}`
    const repo = repos.get(id)
    if (!repo) return refuse(response, 401, 'RepoNotFound', 'Repository not found')
    if (!['main', 'v1', repo.commit].includes(revision)) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
    const entries = [...repo.files].map(([path, { content, oid, lfsOid }]) => ({
      type: 'file',
      path,
      oid,
      size: content.length,
      ...(lfsOid && { lfs: { oid: lfsOid, size: content.length, pointerSize: 128 } }),
    }))
    if (verb === 'revision')
      return answerJson(response, {
        id,
        modelId: id,
        sha: repo.commit,
        private: false,
        gated: false,
        tags: [],
        downloads: 1,
        likes: 0,
        siblings: entries.map(({ path }) => ({ rfilename: path })),
      })
    const from = Number(url.searchParams.get('cursor') ?? 0)
    const next = new URL(url)
    next.searchParams.set('cursor', `${from + pageSize}`)
    answerJson(
      response,
      entries.slice(from, from + pageSize),
      from + pageSize < entries.length ? { link: `<${next.href}>; rel="next"` } : {},
    )
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const record: HubRequest = {
      method: request.method ?? '',
      path: url.pathname + url.search,
      range: request.headers.range ?? null,
      from: request.socket.remoteAddress ?? '',
      hasToken: request.headers.authorization !== undefined,
      status: 0,
      sentBytes: 0,
    }
    requests.push(record)
    response.once('close', () => (record.status = response.statusCode))
    if (parts[0] === '__requests') return answerJson(response, requests.slice(0, -1))
    if (parts[0] === '__faults') return answerJson(response, Object.assign(faults, JSON.parse(url.searchParams.get('set') ?? '{}')))
    if (parts[0] === 'storage') {
      const file = repos.get(`${parts[1]}/${parts[2]}`)?.files.get(parts.slice(3).join('/'))
      return file
        ? sendFile(request, response, record, parts.slice(3).join('/'), file, { etag: `"${file.lfsOid}"` })
        : refuse(response, 404, 'EntryNotFound', 'no such file')
    }
    if (faults.failTimes > 0) {
      faults.failTimes -= 1
      return refuse(response, faults.failStatus, null, 'as the test asked for')
    }
    if (parts[0] === 'api' && parts.length === 2) {
      const query = (url.searchParams.get('search') ?? '').toLowerCase()
      return answerJson(
        response,
        [...repos.keys()]
          .filter((id) => id.toLowerCase().includes(query))
          .map((id) => ({
            id,
            modelId: id,
            downloads: 7,
            likes: 1,
            gated: id in faults.gated,
            tags: [],
            config: { model_type: 'llama' },
            safetensors: { parameters: { U32: 25_000_000 } },
          })),
      )
    }
    const isApi = parts[0] === 'api'
    const id = isApi ? `${parts[2]}/${parts[3]}` : `${parts[0]}/${parts[1]}`
    const hasToken = token !== undefined && request.headers.authorization === `Bearer ${token}`
    if (token !== undefined && request.headers.authorization !== undefined && !hasToken)
      return refuse(response, 401, null, 'Invalid credentials in Authorization header')
    if (faults.gated[id] === 'closed' || (faults.gated[id] === 'needs-token' && !hasToken))
      return refuse(response, hasToken ? 403 : 401, 'GatedRepo', 'Access to the model is restricted')
    if (isApi) return answerApi(url, parts, response)
    const repo = repos.get(id)
    const path = parts.slice(4).join('/')
    const file = repo?.files.get(path)
    if (!repo || !file) return refuse(response, repo ? 404 : 401, repo ? 'EntryNotFound' : 'RepoNotFound', 'not found')
    const headers = {
      'x-repo-commit': repo.commit,
      etag: `"${file.lfsOid ?? file.oid}"`,
      ...(file.lfsOid === null ? {} : { 'x-linked-etag': `"${file.lfsOid}"`, 'x-linked-size': `${file.content.length}` }),
    }
    const storageAddress = storage?.address() as AddressInfo | null
    if (file.lfsOid !== null && storageAddress)
      return void response
        .writeHead(302, {
          ...headers,
          location: `http://${url.hostname}:${storageAddress.port}/storage/${id}/${path}`,
          'content-length': 0,
        })
        .end()
    await sendFile(request, response, record, path, file, headers)
  }

  const listen = async (listenPort: number): Promise<Server> => {
    const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
    await new Promise<void>((resolve) => server.listen(listenPort, host, resolve))
    return server
  }
  if (redirects) storage = await listen(0)
  const server = await listen(port)
  const end = async (open: Server | null): Promise<void> => {
    open?.closeAllConnections()
    await new Promise((resolve) => (open ? open.close(resolve) : resolve(null)))
  }
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    commit: (modelId) => repos.get(modelId)?.commit ?? '',
    close: async () => {
      await end(server)
      await end(storage)
    },
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [root = '.', port = '0', host = '127.0.0.1'] = process.argv.slice(2)
  const hub = await startTestHub({ root, port: Number(port), host })
  process.stdout.write(`${hub.url}\n`)
}
