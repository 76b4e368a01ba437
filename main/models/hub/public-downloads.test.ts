import type * as FilePromises from 'node:fs/promises'
import { link, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { ModelId } from '../../shared/ids.ts'
import { findSnapshot, hubRepo } from '../files/hub-cache.ts'
import { startInspectingProxy, type InspectingProxy } from './__fixtures__/inspecting-proxy.ts'
import { startTestHub, type TestHub } from './__fixtures__/test-hub.ts'
import { writeHubModel } from './__fixtures__/write-hub-model.ts'
import { createHubFetch } from './create-hub-fetch.ts'
import { downloadModel } from './download-model.ts'
import { HubClient } from './hub-client.ts'
import { askedDelayMs, hubError, isRetryableHubError } from './hub-error.ts'
import { readHubSettings } from './hub-settings.ts'

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FilePromises>()
  return { ...original, default: original, symlink: vi.fn(original.symlink), link: vi.fn(original.link) }
})

const modelId = ModelId.parse('test/tiny')
let folder = ''
let cacheDir = ''
let hub: TestHub
let proxy: InspectingProxy | null = null

const NO_PROXIES = { httpProxy: '', httpsProxy: '', noProxy: '' }
function download({
  url = hub.url,
  token = null,
  certificateFiles = [],
}: {
  url?: string
  token?: string | null
  certificateFiles?: string[]
} = {}) {
  const client = new HubClient({
    settings: { endpoint: url, token, isOffline: false },
    fetch: createHubFetch({ proxies: NO_PROXIES, certificateFiles }),
    clock: systemClock,
    random: systemRandom,
    firstDelayMs: 5,
  })
  return downloadModel({
    client,
    cacheDir,
    modelId,
    onProgress: () => undefined,
    clock: systemClock,
    random: systemRandom,
    firstDelayMs: 5,
    signal: new AbortController().signal,
  })
}
const weightRequests = () => hub.requests.filter(({ path }) => path.includes('/resolve/') && path.endsWith('.safetensors'))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-public-'))
  cacheDir = join(folder, 'cache')
  await writeHubModel(join(folder, 'hub', modelId), { shards: 2 })
  hub = await startTestHub({ root: join(folder, 'hub'), token: 'hf_right' })
})
afterEach(async () => {
  const original = await vi.importActual<typeof FilePromises>('node:fs/promises')
  vi.mocked(symlink).mockImplementation(original.symlink)
  vi.mocked(link).mockImplementation(original.link)
  await proxy?.close()
  proxy = null
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('E01 a cache on a disk without links', () => {
  const without = (kinds: readonly (typeof symlink | typeof link)[], code: string): void => {
    for (const kind of kinds) vi.mocked(kind).mockImplementation(() => Promise.reject(Object.assign(new Error(code), { code })))
  }

  it.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'])('holds the files themselves (%s)', async (code) => {
    without([symlink, link], code)
    const { snapshotDir } = await download()
    expect(await findSnapshot(cacheDir, modelId)).toBe(snapshotDir)
    for (const path of await readdir(snapshotDir)) {
      expect((await lstat(join(snapshotDir, path))).isFile(), path).toBe(true)
      expect((await readFile(join(snapshotDir, path))).equals(await readFile(join(folder, 'hub', modelId, path))), path).toBe(true)
    }
    // The disk holds them only once, and nothing is downloaded again.
    expect(await readdir(hubRepo(cacheDir, modelId).blobsDir)).toEqual([])
    const before = weightRequests().length
    expect(await download()).toMatchObject({ fetchedBytes: 0, snapshotDir })
    expect(weightRequests()).toHaveLength(before)
  })

  it('takes second names where there are those', async () => {
    without([symlink], 'EPERM')
    const original = await vi.importActual<typeof FilePromises>('node:fs/promises')
    vi.mocked(link).mockImplementation(original.link)
    const { snapshotDir } = await download()
    expect((await stat(join(snapshotDir, 'config.json'))).nlink).toBe(2)
    expect(await download()).toMatchObject({ fetchedBytes: 0 })
  })

  it('copies what two files share', async () => {
    await writeFile(join(folder, 'hub', modelId, 'vocab.json'), '{}')
    await writeFile(join(folder, 'hub', modelId, 'added_tokens.json'), '{}')
    await hub.close()
    hub = await startTestHub({ root: join(folder, 'hub') })
    without([symlink, link], 'EPERM')
    const { snapshotDir } = await download()
    for (const path of ['vocab.json', 'added_tokens.json', 'tokenizer_config.json'])
      expect(await readFile(join(snapshotDir, path), 'utf8')).toBe('{}')
  })

  it('says another error as it is', async () => {
    without([symlink], 'EIO')
    await expect(download()).rejects.toMatchObject({ code: 'EIO' })
  })
})

describe('E04 a partial file', () => {
  it.each([0, 10])('of all its bytes and %i more is asked nothing beyond its end for', async (moreBytes) => {
    const { snapshotDir } = await download()
    const repo = hubRepo(cacheDir, modelId)
    const [large = ''] = (await readdir(repo.blobsDir)).filter((name) => name.length === 64)
    const content = await readFile(repo.blob(large))
    await rm(repo.blob(large))
    await writeFile(repo.partial(large), Buffer.concat([content, Buffer.alloc(moreBytes)]))
    const before = hub.requests.length
    await download()
    expect((await readFile(repo.blob(large))).equals(content)).toBe(true)
    const asked = hub.requests.slice(before)
    expect(asked.filter(({ status }) => status === 416)).toEqual([])
    expect(asked.filter(({ path }) => path.endsWith('.safetensors'))).toHaveLength(moreBytes === 0 ? 0 : 1)
    expect(await findSnapshot(cacheDir, modelId)).toBe(snapshotDir)
  })
})

describe('E05 a gated model on a line that breaks', () => {
  it('shows the token in each request, and goes on where it was', async () => {
    hub.faults.gated = { [modelId]: 'needs-token' }
    Object.assign(hub.faults, { cutAfterBytes: 30_000, cutTimes: 5 })
    await download({ token: 'hf_right' })
    expect(hub.requests.filter(({ hasToken }) => !hasToken)).toEqual([])
    expect(weightRequests().filter(({ range }) => range !== null).length).toBeGreaterThanOrEqual(5)
  })

  it('names both readings of a 401', () => {
    const answer = { status: 401, header: (name: string) => (name === 'x-error-code' ? 'RepoNotFound' : null) }
    expect(hubError(answer, { endpoint: 'https://hub', subject: 'a/b', hasToken: false, nowEpochMs: 0 }).message).toMatch(
      /no model a\/b .* or it is private: then set HF_TOKEN/,
    )
  })
})

describe('E06 a hub that takes no more requests', () => {
  it('is asked nothing where the model is here', async () => {
    await download()
    const before = hub.requests.length
    Object.assign(hub.faults, { failStatus: 429, failTimes: 1_000_000 })
    expect(await findSnapshot(cacheDir, modelId)).not.toBeNull()
    expect(hub.requests).toHaveLength(before)
  })

  it.each([
    [{ 'retry-after': '2' }, 2000, true],
    [{ 'retry-after': 'Mon, 30 Nov 2026 10:00:02 GMT', date: 'Mon, 30 Nov 2026 10:00:00 GMT' }, 2000, true],
    [{ ratelimit: '"api";r=0;t=120' }, 120_000, true],
    [{ ratelimit: '"resolvers";r=0;t=600' }, 600_000, false],
    [{}, null, true],
  ])('is waited for as it asks (%o)', (headers, delayMs, isRetried) => {
    const answer = { status: 429, header: (name: string) => (headers as Record<string, string>)[name] ?? null }
    const error = hubError(answer, { endpoint: 'https://hub', subject: 'a/b', hasToken: false, nowEpochMs: 0 })
    expect([askedDelayMs(error), isRetryableHubError(error)]).toEqual([delayMs, isRetried])
    if (delayMs !== null) expect(error.message).toContain(`for ${delayMs / 1000} s`)
  })
})

describe('E07 a network that inspects TLS', () => {
  it('is trusted by a root of the system, or of a file that the environment names', async () => {
    proxy = await startInspectingProxy(hub.url)
    await expect(download({ url: proxy.url })).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/certificate that this machine does not trust .*SSL_CERT_FILE/),
    })
    const certificateFile = join(folder, 'root.pem')
    await writeFile(certificateFile, `# the office\n${proxy.rootCertificate}`)
    for (const name of ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'])
      expect((await readHubSettings({ HF_TOKEN: 'x', [name]: certificateFile })).certificateFiles).toEqual([certificateFile])
    const { snapshotDir } = await download({ url: proxy.url, certificateFiles: [join(folder, 'none.pem'), certificateFile] })
    expect(await findSnapshot(cacheDir, modelId)).toBe(snapshotDir)
  })
})
