import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../platform/__fixtures__/manual-clock.ts'
import { withLock } from './download-lock.ts'

const HOUR_S = 3600
let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-lock-'))
  path = join(folder, 'a.lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The lock of a process that lives, renewed at another time of day than this machine's. */
async function lockOfAnother(renewedS: number): Promise<void> {
  await writeFile(path, JSON.stringify({ processId: process.pid, host: hostname(), token: 'other' }))
  await utimes(path, renewedS, renewedS)
}

it.each([HOUR_S, -HOUR_S])('a lock that is renewed is respected, though the clocks differ by %i s', async (skewS) => {
  const clock = new ManualClock()
  const stop = new AbortController()
  const renewedS = clock.epochMs() / 1000 + skewS
  await lockOfAnother(renewedS)
  let isOurs = false
  const waiting = withLock(path, async () => void (isOurs = true), { clock, signal: stop.signal, onWait: async () => undefined })
  for (let turn = 0; turn < 200; turn += 1) {
    if (turn % 20 === 0) await utimes(path, renewedS + turn, renewedS + turn)
    await clock.advance(500)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(isOurs).toBe(false)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

it.each([HOUR_S, -HOUR_S])('a lock that nobody renews is taken over after a minute, though the clocks differ by %i s', async (skewS) => {
  const clock = new ManualClock()
  await lockOfAnother(clock.epochMs() / 1000 + skewS)
  let isDone = false
  const waiting = withLock(path, async () => void (isDone = true), {
    clock,
    signal: new AbortController().signal,
    onWait: async () => undefined,
  })
  const begunMs = clock.now()
  while (!isDone) {
    await clock.advance(500)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await waiting
  expect(clock.now() - begunMs).toBeGreaterThanOrEqual(60_000)
})
