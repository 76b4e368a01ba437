import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sentBytes } from './harness/hub-process.ts'
import { type LocalHub, startLocalHub } from './harness/local-hub.ts'
import { get, post } from './node/call-api.ts'
import { defaultModel } from './node/default-model.ts'
import { reportFigure } from './node/report-figure.ts'
import { runExo, runProgram } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'
import { referencePython } from './reference/reference-answers.ts'

const MODEL = 'test/on-the-hub'
const WEIGHTS = 'model.safetensors'
const QUESTION = { prompt: 'The capital of France is', max_tokens: 8, temperature: 0, ignore_eos: true }

describe('a model of the hub', () => {
  let folder: string
  let hub: LocalHub
  let text: string
  let weightBytes: number
  let node: RunningExo | null = null
  let run = 0

  /** Starts a node with its own cache. */
  const start = async (
    options: { readonly cacheDir?: string; readonly dataDir?: string } = {},
  ): Promise<{ node: RunningExo; cacheDir: string }> => {
    const cacheDir = options.cacheDir ?? join(folder, `cache-${(run += 1)}`)
    node = await startExo({
      arguments: ['--no-default-model'],
      awaitModel: false,
      env: hub.environment(cacheDir),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    })
    return { node, cacheDir }
  }
  const download = async (apiUrl: string): Promise<string> =>
    (await post(apiUrl, '/models/download', { model: MODEL })).body.download.id as string
  const reportOf = async (apiUrl: string, id: string) => (await get(apiUrl, `/models/download/${id}`)).body
  const whenDone = async (apiUrl: string, id: string): Promise<void> => {
    await expect.poll(async () => (await reportOf(apiUrl, id)).status, { timeout: 90_000, interval: 100 }).toBe('done')
  }
  const python = async (cacheDir: string): Promise<number | null> =>
    (
      await runProgram(
        await referencePython(),
        [join(import.meta.dirname, 'reference', 'snapshot_offline.py'), cacheDir, MODEL, 'config.json', WEIGHTS],
        { env: { HF_HUB_OFFLINE: '1' } },
      )
    ).status

  beforeAll(async () => {
    const first = await startExo()
    const { model, modelDir } = await defaultModel(first)
    text = (await post(first.apiUrl, '/v1/completions', { model, ...QUESTION })).body.choices[0].text as string
    hub = await startLocalHub({ modelDir, modelId: MODEL })
    folder = hub.folder
    weightBytes = (await stat(join(modelDir, WEIGHTS))).size
    await first.stop()
  })
  afterEach(async () => {
    await hub.setFaults({ bytesPerSecond: 0, cutTimes: 0, failTimes: 0, corruptPath: '' })
    await node?.stop()
    node = null
  })
  afterAll(async () => {
    await hub?.close()
  })

  it('comes for a request, and is what other programs find afterwards; refs/main is written last', async () => {
    const {
      node: { apiUrl },
      cacheDir,
    } = await start()
    await hub.setFaults({ bytesPerSecond: 4_000_000 })
    const refs = join(cacheDir, `models--${MODEL.replace('/', '--')}`, 'refs', 'main')
    const answer = post(apiUrl, '/v1/completions', { model: MODEL, ...QUESTION })
    await expect
      .poll(async () => (await get(apiUrl, '/state')).body.downloads, { timeout: 30_000, interval: 50 })
      .toMatchObject([{ modelId: MODEL, status: 'running', source: 'hub' }])
    expect([await readFile(refs, 'utf8').catch(() => null), await python(cacheDir)]).toEqual([null, 1])
    await hub.setFaults({ bytesPerSecond: 0 })
    expect((await answer).body.choices[0].text).toBe(text)
    const commit = await readFile(refs, 'utf8')
    expect(await readdir(join(refs, '..', '..', 'snapshots'))).toEqual([commit])
    expect(await python(cacheDir)).toBe(0)
    expect((await get(apiUrl, '/state')).body.downloads).toEqual([])
  })

  it('D1: waits for room on a full disk, says so, and answers when there is room', async () => {
    const disk = await mkdtemp(join(tmpdir(), 'exo-small-disk-'))
    const filler = join(disk, 'filler')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk])
    try {
      await writeFile(filler, Buffer.alloc(380e6))
      const {
        node: { apiUrl, stop },
      } = await start({ cacheDir: join(disk, 'cache'), dataDir: join(disk, 'data') })
      const answer = post(apiUrl, '/v1/completions', { model: MODEL, ...QUESTION })
      const shown = expect.objectContaining({ modelId: MODEL, status: 'failed', message: expect.stringContaining('Free some space') })
      await expect.poll(async () => (await get(apiUrl, '/state')).body.downloads, { timeout: 30_000, interval: 50 }).toEqual([shown])
      expect(Object.values((await get(apiUrl, '/state')).body.instances)).toMatchObject([{ status: 'loading' }])
      await rm(filler)
      expect((await answer).body.choices?.[0].text).toBe(text)
      await stop()
      node = null
    } finally {
      execFileSync('umount', ['-l', disk])
      await rm(disk, { recursive: true, force: true })
    }
  })

  it('can be paused, resumed and given up on its way, and goes on where it was', async () => {
    const {
      node: { apiUrl },
      cacheDir,
    } = await start()
    await hub.setFaults({ bytesPerSecond: 20_000_000 })
    const before = sentBytes(await hub.requests(), WEIGHTS)
    const id = await download(apiUrl)
    await expect.poll(async () => (await reportOf(apiUrl, id)).doneBytes, { timeout: 30_000, interval: 50 }).toBeGreaterThan(20e6)
    expect((await post(apiUrl, `/models/download/${id}/pause`, {})).body.status).toBe('paused')
    await sleep(500)
    const paused = await reportOf(apiUrl, id)
    await sleep(1_000)
    expect(await reportOf(apiUrl, id)).toEqual(paused)
    expect((await get(apiUrl, '/state')).body.downloads).toMatchObject([{ id, status: 'paused' }])
    expect((await post(apiUrl, `/models/download/${id}/resume`, {})).body.status).toBe('running')
    await expect
      .poll(async () => (await reportOf(apiUrl, id)).doneBytes, { timeout: 30_000, interval: 50 })
      .toBeGreaterThan(paused.doneBytes + 5e6)
    expect((await fetch(`${apiUrl}/models/download/${id}`, { method: 'DELETE' })).status).toBe(200)
    await expect.poll(async () => (await get(apiUrl, '/state')).body.downloads, { timeout: 10_000 }).toEqual([])
    expect((await post(apiUrl, `/models/download/${id}/resume`, {})).body.error.code).toBe('download_not_found')
    await hub.setFaults({ bytesPerSecond: 0 })
    await whenDone(apiUrl, await download(apiUrl))
    const sent = sentBytes(await hub.requests(), WEIGHTS) - before
    reportFigure('sent for a download that was paused and given up once', sent / weightBytes, 'times the file')
    // Bytes that were in flight when the connection closed are lost and sent again.
    expect(sent).toBeLessThan(1.2 * weightBytes)
    expect(await python(cacheDir)).toBe(0)
    expect((await post(apiUrl, '/models/download', { model: MODEL })).body).toEqual({ modelId: MODEL, download: null })
  })

  it('goes on after SIGKILL of the node, in whichever process asks next', async () => {
    const dataDir = join(folder, 'killed')
    await mkdir(dataDir, { mode: 0o700 })
    const { node: killed, cacheDir } = await start({ dataDir })
    await hub.setFaults({ bytesPerSecond: 40_000_000 })
    const before = sentBytes(await hub.requests(), WEIGHTS)
    const id = await download(killed.apiUrl)
    await expect
      .poll(async () => (await reportOf(killed.apiUrl, id)).doneBytes, { timeout: 30_000, interval: 50 })
      .toBeGreaterThan(weightBytes / 3)
    process.kill(killed.processId, 'SIGKILL')
    await killed.exited
    node = null
    expect(await python(cacheDir)).toBe(1)
    const environment = hub.environment(cacheDir)
    await hub.setFaults({ bytesPerSecond: 0 })
    // Two run at the same time: one downloads, the other waits.
    const pulls = await Promise.all([1, 2].map(() => runExo(['models', 'pull', MODEL, '--data-dir', dataDir], { env: environment })))
    expect(pulls.map(({ status }) => status)).toEqual([0, 0])
    expect(sentBytes(await hub.requests(), WEIGHTS) - before).toBeLessThan(1.2 * weightBytes)
    expect(await python(cacheDir)).toBe(0)
    const { stdout } = await runExo(['models', 'ls', '--json', '--data-dir', dataDir], { env: environment })
    expect((JSON.parse(stdout) as { models: unknown[] }).models).toMatchObject([{ modelId: MODEL, isOurs: true, lastUsedEpochMs: null }])
  })

  it('of a branch or a tag comes through the node too, and is known by that name', async () => {
    const {
      node: { apiUrl, dataDir },
      cacheDir,
    } = await start()
    await hub.setFaults({ bytesPerSecond: 60_000_000 })
    const pull = () =>
      runExo(['models', 'pull', MODEL, '--revision', 'v1', '--data-dir', dataDir], {
        env: { HF_ENDPOINT: hub.url, HF_HUB_CACHE: cacheDir, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' },
      })
    const pulled = pull()
    await expect
      .poll(async () => (await get(apiUrl, '/state')).body.downloads, { timeout: 30_000, interval: 50 })
      .toMatchObject([{ modelId: MODEL, status: 'running', source: 'hub' }])
    const { status, stdout, stderr } = await pulled
    expect([status, stderr.includes('100 %')], stderr).toEqual([0, true])
    const repoDir = join(cacheDir, `models--${MODEL.replace('/', '--')}`)
    const commit = await readFile(join(repoDir, 'refs', 'v1'), 'utf8')
    expect(await readdir(join(repoDir, 'refs'))).toEqual(['v1'])
    expect(stdout.trimEnd().endsWith(join(repoDir, 'snapshots', commit))).toBe(true)
    expect((await pull()).stdout).toContain('is already downloaded')
    const unknown = await runExo(['models', 'pull', MODEL, '--revision', 'v9', '--data-dir', dataDir], { env: { HF_ENDPOINT: hub.url } })
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('has no such revision')])
  })

  it('survives a line that is cut and a hub that has no time', async () => {
    const {
      node: { apiUrl },
      cacheDir,
    } = await start()
    await hub.setFaults({ cutAfterBytes: 9_000_000, cutTimes: 8, cutPath: WEIGHTS, failStatus: 429, failTimes: 2, retryAfter: '1' })
    await whenDone(apiUrl, await download(apiUrl))
    expect(await python(cacheDir)).toBe(0)
  })

  it('that comes wrong is not taken; it waits to be resumed', async () => {
    const {
      node: { apiUrl },
      cacheDir,
    } = await start()
    await hub.setFaults({ corruptPath: 'tokenizer.json' })
    const id = await download(apiUrl)
    await expect.poll(async () => (await reportOf(apiUrl, id)).status, { timeout: 90_000, interval: 100 }).toBe('failed')
    expect((await reportOf(apiUrl, id)).message).toContain('checksum')
    expect(await python(cacheDir)).toBe(1)
    await hub.setFaults({ corruptPath: '' })
    await post(apiUrl, `/models/download/${id}/resume`, {})
    await whenDone(apiUrl, id)
    expect(await python(cacheDir)).toBe(0)
  })

  it('that does not fit the disk is not begun; a disk that fills up meanwhile is told, and what has come is kept', async () => {
    const disk = join(folder, 'small-disk')
    await mkdir(disk)
    const mounted = await runProgram('mount', ['-t', 'tmpfs', '-o', `size=${Math.round(weightBytes / 2)}`, 'none', disk])
    expect(mounted.status, mounted.stderr).toBe(0)
    try {
      const {
        node: { apiUrl },
      } = await start({ cacheDir: join(disk, 'hub') })
      const id = await download(apiUrl)
      await expect.poll(async () => (await reportOf(apiUrl, id)).status, { timeout: 30_000 }).toBe('failed')
      expect(await reportOf(apiUrl, id)).toMatchObject({ doneBytes: 0, message: expect.stringContaining('Free some space and try again') })
      await runProgram('mount', ['-o', `remount,size=${Math.round(weightBytes * 1.2)}`, disk])
      await hub.setFaults({ bytesPerSecond: 30_000_000 })
      await post(apiUrl, `/models/download/${id}/resume`, {})
      await expect.poll(async () => (await reportOf(apiUrl, id)).doneBytes, { timeout: 30_000, interval: 50 }).toBeGreaterThan(10e6)
      await writeFile(join(disk, 'of-others'), Buffer.alloc(Math.round(weightBytes * 0.7)))
      await expect.poll(async () => (await reportOf(apiUrl, id)).status, { timeout: 60_000 }).toBe('failed')
      expect((await reportOf(apiUrl, id)).message).toContain('the received data is kept')
      await rm(join(disk, 'of-others'))
      await post(apiUrl, `/models/download/${id}/resume`, {})
      await whenDone(apiUrl, id)
    } finally {
      await node?.stop()
      node = null
      await runProgram('umount', [disk])
    }
  })
})
