import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { AppError } from '../../shared/app-error.ts'
import { ModelId } from '../../shared/ids.ts'
import { Downloads, type DownloadWork } from './downloads.ts'

const modelId = ModelId.parse('org/m')
const revision = 'main'
const never = new AbortController().signal

function create() {
  let count = 0
  const changes: string[] = []
  const downloads = new Downloads({
    newId: () => `download-${++count}`,
    onChange: ({ id, status, doneBytes }) => void changes.push(`${id} ${status} ${doneBytes}`),
  })
  return { downloads, changes }
}

/** Fetches ten bytes, one each time it is told to; fetched bytes are kept. */
function tenBytes() {
  let doneBytes = 0
  let calls = 0
  let bring = (_count: number): void => undefined
  const work: DownloadWork<string> = (onProgress, signal) => {
    calls += 1
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      bring = (count) => {
        doneBytes += count
        onProgress({ doneBytes, totalBytes: 10, source: 'hub', savedBytes: 0 })
        if (doneBytes >= 10) resolve('folder')
      }
    })
  }
  return { work, bring: (count: number) => bring(count), calls: () => calls }
}

describe('downloads', () => {
  it('show what runs, and nothing of what has ended', async () => {
    const { downloads } = create()
    const { work, bring } = tenBytes()
    const done = downloads.run(modelId, work, never)
    bring(4)
    expect(downloads.list()).toEqual([
      { id: 'download-1', modelId, status: 'running', doneBytes: 4, totalBytes: 10, source: 'hub', savedBytes: 0, message: null },
    ])
    bring(6)
    expect(await done).toBe('folder')
    expect(downloads.list()).toEqual([])
  })

  it('stop when paused and continue when resumed, also for callers that wait', async () => {
    const { downloads } = create()
    const { work, bring, calls } = tenBytes()
    const done = downloads.run(modelId, work, never)
    bring(4)
    expect(downloads.pause('download-1')).toMatchObject({ status: 'paused', doneBytes: 4 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(calls()).toBe(1)
    downloads.resume('download-1')
    await expect.poll(calls).toBe(2)
    // Immediately one after the other, before the work has noticed.
    downloads.pause('download-1')
    downloads.resume('download-1')
    await expect.poll(calls).toBe(3)
    bring(6)
    expect(await done).toBe('folder')
  })

  it('end when they are given up, paused or not, or when what they are for ends', async () => {
    const { downloads } = create()
    const stop = new AbortController()
    const works = [
      downloads.run(modelId, tenBytes().work, never),
      downloads.run(modelId, tenBytes().work, never),
      downloads.run(modelId, tenBytes().work, stop.signal),
    ]
    downloads.pause('download-2')
    downloads.cancel('download-1')
    downloads.cancel('download-2')
    stop.abort(new AppError('node-stopping', 'The node is stopping.'))
    const results = await Promise.allSettled(works)
    expect(results.map((result) => result.status === 'rejected' && (result.reason as AppError).code)).toEqual([
      'download-cancelled',
      'download-cancelled',
      'node-stopping',
    ])
    expect(downloads.list()).toEqual([])
    for (const act of ['pause', 'resume', 'cancel'] as const)
      expect(() => downloads[act]('download-1')).toThrow(expect.objectContaining({ code: 'download-not-found' }))
  })

  it('without a waiting caller keep a failure until they are resumed, and can be read when they are done', async () => {
    const { downloads } = create()
    const { work, bring } = tenBytes()
    let isFull = true
    const { id } = downloads.start(
      { modelId, revision },
      (onProgress, signal) => (isFull ? Promise.reject(new AppError('disk-full', 'Make room.')) : work(onProgress, signal)),
      never,
    )
    await expect.poll(() => downloads.list()).toMatchObject([{ status: 'failed', message: 'Make room.', code: 'disk-full' }])
    isFull = false
    // The same download, requested again.
    expect(downloads.start({ modelId, revision }, work, never)).toMatchObject({ id, status: 'running', message: null, code: null })
    const other = downloads.start({ modelId, revision: 'v1' }, tenBytes().work, never)
    expect(other.id).not.toBe(id)
    downloads.cancel(other.id)
    await expect.poll(() => (bring(10), downloads.list())).toEqual([])
    expect(downloads.get(id)).toMatchObject({ status: 'done', doneBytes: 10 })
  })

  it('D1: that a full disk stopped go on by themselves when there is room', async () => {
    const clock = new ManualClock()
    const downloads = new Downloads({ newId: () => 'one', clock, onChange: () => undefined })
    let tries = 0
    let isFull = true
    const work: DownloadWork<unknown> = async (onProgress) => {
      tries += 1
      if (isFull) throw new AppError('disk-full', 'Make room.')
      onProgress({ doneBytes: 10, totalBytes: 10, source: 'hub', savedBytes: 0 })
    }
    downloads.start({ modelId, revision }, work, never)
    for (let look = 1; look <= 3; look++) {
      await expect.poll(() => [tries, downloads.list()]).toMatchObject([look, [{ status: 'failed', message: 'Make room.' }]])
      await clock.advance(14_000)
      expect(tries).toBe(look)
      if (look === 3) isFull = false
      await clock.advance(1_000)
    }
    await expect.poll(() => downloads.get('one')).toMatchObject({ status: 'done', message: null })
    expect(tries).toBe(4)
  })
  describe('D1: that somebody waits for', () => {
    const full = new AppError('disk-full', 'Make room.')
    const waiting = (work: DownloadWork<unknown>, signal = never) => {
      const clock = new ManualClock()
      const downloads = new Downloads({ newId: () => 'one', clock, onChange: () => undefined })
      const result = downloads.run(modelId, work, signal).then(String, (error: unknown) => error)
      return {
        clock,
        downloads,
        result,
        shown: () => expect.poll(() => downloads.list()).toMatchObject([{ status: 'failed', message: 'Make room.' }]),
      }
    }

    it('wait for room on a full disk, say so, and go on', async () => {
      let tries = 0
      const { clock, downloads, result, shown } = waiting(() => ((tries += 1) < 3 ? Promise.reject(full) : Promise.resolve('here')))
      for (let look = 1; look < 3; look++) {
        await shown()
        await clock.advance(15_000)
        await expect.poll(() => tries).toBe(look + 1)
      }
      expect(await result).toBe('here')
      expect(downloads.list()).toEqual([])
    })
    it('fail after ten minutes in which nothing came, counted from what came last', async () => {
      let tries = 0
      const { clock, result } = waiting(async (onProgress) => {
        tries += 1
        if (tries === 30) onProgress({ doneBytes: 5, totalBytes: 10, source: 'hub', savedBytes: 0 })
        throw full
      })
      for (let look = 1; look < 71; look++) {
        await expect.poll(() => tries, { interval: 1 }).toBe(look)
        await clock.advance(15_000)
      }
      expect(await result).toBe(full)
      expect(tries).toBe(70)
    })
    it('end at once with who waits, when they are given up, and where the disk is too small', async () => {
      const stop = new AbortController()
      const first = waiting(() => Promise.reject(full), stop.signal)
      await first.shown()
      stop.abort(new Error('unloaded'))
      expect(await first.result).toBe(stop.signal.reason)
      const second = waiting(() => Promise.reject(full))
      await second.shown()
      second.downloads.cancel('one')
      expect(await second.result).toMatchObject({ code: 'download-cancelled' })
      const tooSmall = new AppError('disk-full', 'Make room.', { isTooSmall: true })
      expect(await waiting(() => Promise.reject(tooSmall)).result).toBe(tooSmall)
    })
  })
  it('D1: that wait for room can be given up', async () => {
    const clock = new ManualClock()
    const downloads = new Downloads({ newId: () => 'one', clock, onChange: () => undefined })
    downloads.start({ modelId, revision }, () => Promise.reject(new AppError('disk-full', 'Make room.')), never)
    await expect.poll(() => downloads.list()).toMatchObject([{ status: 'failed' }])
    downloads.cancel('one')
    await expect.poll(() => downloads.list()).toEqual([])
  })
  it('without a waiting caller end with the node', async () => {
    const { downloads } = create()
    const stop = new AbortController()
    downloads.start({ modelId, revision }, tenBytes().work, stop.signal)
    downloads.start({ modelId: ModelId.parse('org/paused'), revision }, tenBytes().work, stop.signal)
    downloads.pause('download-2')
    stop.abort(new Error('the node stops'))
    await expect.poll(() => downloads.list()).toEqual([])
  })

  it('are so many and no more', async () => {
    const { downloads } = create()
    const stop = new AbortController()
    for (let index = 0; index < 64; index += 1)
      downloads.start({ modelId: ModelId.parse(`org/m${index}`), revision }, tenBytes().work, stop.signal)
    expect(() => downloads.start({ modelId, revision }, tenBytes().work, stop.signal)).toThrow(
      expect.objectContaining({ code: 'too-many-downloads' }),
    )
    stop.abort(new Error('enough'))
  })
})
