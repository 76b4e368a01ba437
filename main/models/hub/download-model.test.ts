import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { ModelId } from '../../shared/ids.ts'
import { readFiles } from './__fixtures__/read-files.ts'
import { startTestHub, type TestHub, type TestHubOptions } from './__fixtures__/test-hub.ts'
import { writeHubModel } from './__fixtures__/write-hub-model.ts'
import { createHubFetch } from './create-hub-fetch.ts'
import { downloadModel, type DownloadModelOptions } from './download-model.ts'
import { findSnapshot, hubRepo } from '../files/hub-cache.ts'
import { HubClient } from './hub-client.ts'

const modelId = ModelId.parse('test/tiny')
const NEEDED = [
  'chat_template.jinja',
  'config.json',
  'model-00001-of-00003.safetensors',
  'model-00002-of-00003.safetensors',
  'model-00003-of-00003.safetensors',
  'model.safetensors.index.json',
  'tokenizer_config.json',
]
let folder = ''
let root = ''
let cacheDir = ''
let hub: TestHub

async function startHub(options: Partial<TestHubOptions> = {}): Promise<void> {
  await hub?.close()
  hub = await startTestHub({ root, ...options })
}

function clientOf(settings: { token?: string; isOffline?: boolean } = {}): HubClient {
  const proxies = { httpProxy: '', httpsProxy: '', noProxy: '' }
  return new HubClient({
    settings: { endpoint: hub.url, token: settings.token ?? null, isOffline: settings.isOffline ?? false },
    fetch: createHubFetch({ proxies }),
    clock: systemClock,
    random: systemRandom,
    firstDelayMs: 5,
  })
}

function download(options: Partial<DownloadModelOptions> = {}) {
  return downloadModel({
    client: clientOf(),
    cacheDir,
    modelId,
    onProgress: () => undefined,
    clock: systemClock,
    random: systemRandom,
    firstDelayMs: 5,
    signal: new AbortController().signal,
    ...options,
  })
}

async function expectSame(snapshotDir: string): Promise<void> {
  const [got, source] = [await readFiles(snapshotDir), await readFiles(join(root, modelId))]
  expect([...got.keys()]).toEqual(NEEDED)
  for (const [path, content] of got) expect(source.get(path)?.equals(content), path).toBe(true)
}

/** Bytes of weight files sent by the hub. */
const sentBytes = (): number =>
  hub.requests.filter(({ path }) => path.endsWith('.safetensors')).reduce((sum, request) => sum + request.sentBytes, 0)
const weightBytes = async (): Promise<number> =>
  [...(await readFiles(join(root, modelId)))].reduce((sum, [path, content]) => (path.startsWith('model-') ? sum + content.length : sum), 0)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-hub-'))
  root = join(folder, 'hub')
  cacheDir = join(folder, 'cache')
  await writeHubModel(join(root, modelId), { shards: 3 })
  await startHub()
})
afterEach(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

describe('a download', () => {
  it.each([{ redirects: false }, { redirects: true, pageSize: 2 }])(
    'brings what a model needs, and no code, in the layout of the cache (%o)',
    async (options) => {
      await startHub(options)
      const progress: number[] = []
      const { snapshotDir, commit, totalBytes, fetchedBytes } = await download({ onProgress: (doneBytes) => progress.push(doneBytes) })
      expect(commit).toBe(hub.commit(modelId))
      await expectSame(snapshotDir)
      expect([fetchedBytes, progress.at(-1)]).toEqual([totalBytes, totalBytes])
      const repo = hubRepo(cacheDir, modelId)
      expect(await readFile(repo.ref('main'), 'utf8')).toBe(commit)
      const link = join(snapshotDir, 'config.json')
      expect([(await lstat(link)).isSymbolicLink(), await readlink(link)]).toEqual([
        true,
        expect.stringMatching(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/),
      ])
      expect((await readdir(repo.blobsDir)).filter((name) => !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name))).toEqual([])
      expect(await readdir(repo.locksDir)).toEqual([])
      expect(await findSnapshot(cacheDir, modelId)).toBe(snapshotDir)
      expect(await download()).toMatchObject({ fetchedBytes: 0, snapshotDir })
    },
  )

  it('C01 brings all weight files where the index is left over from another upload', async () => {
    const index = join(root, modelId, 'model.safetensors.index.json')
    await writeFile(
      index,
      JSON.stringify({
        weight_map: {
          'model.embed_tokens.weight': 'model-00001-of-00005.safetensors',
          'model.norm.weight': 'model-00002-of-00003.safetensors',
        },
      }),
    )
    await startHub()
    const { snapshotDir } = await download()
    await expectSame(snapshotDir)
    expect(await findSnapshot(cacheDir, modelId)).toBe(snapshotDir)
    // The names of the shards give their number, even if there is no list of the commit's files.
    await rm(join(snapshotDir, 'model-00003-of-00003.safetensors'))
    expect(await findSnapshot(cacheDir, modelId)).toBeNull()
  })

  it('goes on where the line was cut, again and again', async () => {
    Object.assign(hub.faults, { cutAfterBytes: 30_001, cutTimes: 12 })
    await expectSame((await download()).snapshotDir)
    expect(sentBytes()).toBeGreaterThanOrEqual(await weightBytes())
    // Only data in flight when a connection was cut may be lost.
    expect(sentBytes()).toBeLessThan((await weightBytes()) + 12 * 65_536)
    expect(hub.requests.some(({ range }) => range !== null)).toBe(true)
  })

  it('goes on after a cancel, and shows nothing half', async () => {
    const stop = new AbortController()
    hub.faults.bytesPerSecond = 200_000
    const cut = download({ signal: stop.signal, onProgress: (doneBytes) => doneBytes > 100_000 && stop.abort(new Error('enough')) })
    await expect(cut).rejects.toThrow('enough')
    expect(await findSnapshot(cacheDir, modelId)).toBeNull()
    const before = sentBytes()
    hub.faults.bytesPerSecond = 0
    await expectSame((await download()).snapshotDir)
    expect(sentBytes() - before).toBeLessThan(await weightBytes())
  })

  it('restarts a file if the server does not support ranges', async () => {
    Object.assign(hub.faults, { cutAfterBytes: 20_000, cutTimes: 1, cutPath: '00002', ignoresRanges: true })
    await expectSame((await download()).snapshotDir)
  })

  it('finds a wrong byte, fetches that file once more, then gives up', async () => {
    hub.faults.corruptPath = '00002'
    await expect(download()).rejects.toMatchObject({ code: 'download-damaged' })
    expect(hub.requests.filter(({ path }) => path.includes('00002'))).toHaveLength(2)
    expect(await findSnapshot(cacheDir, modelId)).toBeNull()
    hub.faults.corruptPath = ''
    await expectSame((await download()).snapshotDir)
  })

  it('finds a part that was damaged on the disk, and a blob that is cut off', async () => {
    const { snapshotDir } = await download()
    const repo = hubRepo(cacheDir, modelId)
    const [large = ''] = (await readdir(repo.blobsDir)).filter((name) => name.length === 64)
    await truncate(repo.blob(large), 10)
    await writeFile(repo.partial(large), 'not what it should be')
    await download()
    await expectSame(snapshotDir)
  })

  it.each([503, 500, 429])('survives status %i', async (failStatus) => {
    Object.assign(hub.faults, { failStatus, failTimes: 3 })
    await expectSame((await download()).snapshotDir)
  })

  it('waits as long as the hub asks', async () => {
    Object.assign(hub.faults, { failStatus: 429, failTimes: 1, retryAfter: '1' })
    const startMs = performance.now()
    await download()
    expect(performance.now() - startMs).toBeGreaterThan(950)
    Object.assign(hub.faults, { failStatus: 429, failTimes: 1, retryAfter: '3600' })
    await expect(download()).rejects.toMatchObject({ code: 'hub-busy', message: expect.stringContaining('3600 s') })
  })

  it('tells a gated model from one that is not there', async () => {
    await startHub({ token: 'hf_right' })
    hub.faults.gated = { [modelId]: 'needs-token' }
    await expect(download()).rejects.toMatchObject({ code: 'hub-gated', message: expect.stringContaining('HF_TOKEN') })
    await expect(download({ client: clientOf({ token: 'hf_wrong' }) })).rejects.toMatchObject({ code: 'hub-token-refused' })
    await expectSame((await download({ client: clientOf({ token: 'hf_right' }) })).snapshotDir)
    hub.faults.gated = { [modelId]: 'closed' }
    await expect(download({ client: clientOf({ token: 'hf_right' }) })).rejects.toMatchObject({
      code: 'hub-gated',
      message: expect.stringContaining('no access yet'),
    })
    await expect(download({ modelId: ModelId.parse('no/such') })).rejects.toMatchObject({ code: 'hub-model-not-found' })
    await expect(download({ revision: 'v9', client: clientOf({ token: 'hf_right' }), modelId })).rejects.toMatchObject({
      code: 'hub-gated',
    })
    hub.faults.gated = {}
    await expect(download({ revision: 'v9' })).rejects.toMatchObject({ code: 'hub-revision-not-found' })
  })

  it('keeps the token from the other origin', async () => {
    await startHub({ redirects: true, token: 'hf_right' })
    await download({ client: clientOf({ token: 'hf_right' }) })
    expect(hub.requests.filter(({ path }) => path.startsWith('/storage')).map(({ hasToken }) => hasToken)).toEqual([false, false, false])
    expect(hub.requests.filter(({ path }) => path.startsWith('/api')).every(({ hasToken }) => hasToken)).toBe(true)
  })

  it('E03: sends nothing when offline, and reports a server that does not answer', async () => {
    await expect(download({ client: clientOf({ isOffline: true }) })).rejects.toMatchObject({
      code: 'hub-offline',
      message: expect.stringContaining('HF_HUB_OFFLINE'),
    })
    expect(hub.requests).toEqual([])
    const client = clientOf()
    await hub.close()
    await expect(download({ client })).rejects.toMatchObject({ code: 'hub-unreachable', message: expect.stringContaining('ECONNREFUSED') })
  })

  it('is done once by two at the same time', async () => {
    hub.faults.bytesPerSecond = 300_000
    const [first, second] = await Promise.all([download(), download()])
    expect(first.snapshotDir).toBe(second.snapshotDir)
    expect(sentBytes()).toBe(await weightBytes())
    await expectSame(first.snapshotDir)
  })

  it('takes over the lock of a process that was killed', async () => {
    const repo = hubRepo(cacheDir, modelId)
    await mkdir(repo.locksDir, { recursive: true })
    await writeFile(
      join(repo.locksDir, 'exo-distributed.lock'),
      JSON.stringify({ processId: 2 ** 22 + 1, host: (await import('node:os')).hostname(), token: 'x' }),
    )
    await download()
    expect(await readdir(repo.locksDir)).toEqual([])
  })

  it('takes up what another program left in the cache', async () => {
    const repo = hubRepo(cacheDir, modelId)
    await mkdir(repo.blobsDir, { recursive: true })
    await download()
    expect(await stat(repo.ownMark).catch(() => null)).toBeNull()
  })
})
