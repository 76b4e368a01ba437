import { describe, expect, it } from 'vitest'
import { NO_SHARD_STATS, type ShardStats } from '../../shared/shard.ts'
import {
  type WorkerHeartbeat,
  hearWorker,
  restartClock,
  seeProcess,
  startWatch,
  tickWatch,
  type WatchState,
  type WorkerFault,
} from './watch-worker.ts'

const limits = { heartbeatSilenceMs: 10_000, stepMs: 10_000, firstStepMs: 60_000, draftMs: 600_000 }
const stats = (steps: number, running: number): ShardStats => ({ ...NO_SHARD_STATS, steps, running })

/** Runs a worker's life in seconds; `at` gives the events of each second. Ends at the first fault. */
function live(
  seconds: number,
  at: (second: number) => ShardStats | WorkerHeartbeat | 'nothing',
  hasWork: (second: number) => boolean,
): { second: number; fault: WorkerFault } | null {
  let state: WatchState = startWatch(0)
  let hadWork = false
  for (let second = 1; second <= seconds; second++) {
    if (hasWork(second) && !hadWork) state = restartClock(state)
    hadWork = hasWork(second)
    const heard = at(second)
    if (heard !== 'nothing') state = hearWorker(state, 'stats' in heard ? heard : { stats: heard, loadsDraft: false })
    const ticked = tickWatch(state, second * 1000, hadWork, limits)
    state = ticked.state
    if (ticked.fault) return { second, fault: ticked.fault }
  }
  return null
}

describe('a worker', () => {
  it('is well while it is idle, works, or loads', () => {
    expect(
      live(
        1000,
        () => stats(5, 0),
        () => false,
      ),
    ).toBeNull()
    expect(
      live(
        1000,
        (second) => stats(second * 10, 1),
        () => true,
      ),
    ).toBeNull()
    expect(
      live(
        1000,
        (second) => (second % 9 === 0 ? stats(0, 0) : 'nothing'),
        () => false,
      ),
    ).toBeNull()
  })

  it('is silent after ten seconds without a word', () => {
    expect(
      live(
        1000,
        (second) => (second <= 100 ? stats(second, 1) : 'nothing'),
        () => true,
      ),
    ).toEqual({ second: 110, fault: { reason: 'silent', forMs: 11_000 } })
  })

  it('is stuck when it steps no more for ten seconds while there is work', () => {
    expect(
      live(
        1000,
        (second) => stats(Math.min(second, 100), 1),
        () => true,
      ),
    ).toEqual({ second: 110, fault: { reason: 'stuck', forMs: 11_000 } })
  })

  it('has a minute for its first step', () => {
    expect(
      live(
        59,
        () => stats(0, 1),
        () => true,
      ),
    ).toBeNull()
    expect(
      live(
        100,
        () => stats(0, 1),
        () => true,
      ),
    ).toMatchObject({ second: 61, fault: { reason: 'stuck' } })
  })

  it('whose steps are slow is given four times the slowest', () => {
    const everyFive = (second: number): WorkerHeartbeat => ({
      stats: stats(Math.min(Math.floor(second / 5), 20), 1),
      loadsDraft: false,
      slowSteps: [{ tokens: 1, durationMs: 5_000 }],
    })
    expect(live(1000, everyFive, () => true)).toMatchObject({ second: 120, fault: { reason: 'stuck' } })
  })

  it('may take minutes to load a draft, while others wait, and after that has the time of a step', () => {
    const loading =
      (from: number, to: number) =>
      (second: number): WorkerHeartbeat => ({
        stats: stats(Math.min(second, from) + Math.max(0, second - to), 1),
        loadsDraft: second > from && second <= to,
      })
    expect(live(1000, loading(100, 400), () => true)).toBeNull()
    expect(
      live(
        1000,
        (second) => ({ stats: stats(Math.min(second, 100), 1), loadsDraft: second > 100 && second <= 400 }),
        () => true,
      ),
    ).toEqual({ second: 410, fault: { reason: 'stuck', forMs: 11_000 } })
    expect(live(1000, loading(100, 1000), () => true)).toMatchObject({ second: 701, fault: { reason: 'stuck' } })
  })

  it('is not stuck because it was idle long before its work came', () => {
    const idleFor = (second: number): ShardStats => (second <= 500 ? stats(7, 0) : stats(second, 1))
    expect(live(1000, idleFor, (second) => second > 500)).toBeNull()
  })

  it('is not blamed for a pause of its supervisor', () => {
    const state = hearWorker(startWatch(0), { stats: stats(1, 1), loadsDraft: false })
    expect(tickWatch(state, 600_000, true, limits).fault).toBeNull()
  })

  const beat = (steps: number, changes: Partial<WorkerHeartbeat>): WorkerHeartbeat => ({
    stats: stats(steps, 1),
    loadsDraft: false,
    ...changes,
  })

  it('F1: moves while it evaluates layers, however long its step takes', () => {
    expect(
      live(
        1000,
        (second) => beat(7, { layersDone: Math.floor(second / 9), stepTokens: 512 }),
        () => true,
      ),
    ).toBeNull()
    expect(
      live(
        1000,
        (second) => beat(7, { layersDone: Math.min(second, 100), stepTokens: 512 }),
        () => true,
      ),
    ).toMatchObject({ second: 110, fault: { reason: 'stuck' } })
  })

  it('F1: has a minute for a chunk larger than any before, and four times as long as the slowest of its size after', () => {
    const learned = [{ tokens: 1, durationMs: 100 }]
    expect(
      live(
        50,
        (second) => beat(Math.min(second, 5), { stepTokens: 512, slowSteps: learned }),
        () => true,
      ),
    ).toBeNull()
    const withChunk = [...learned, { tokens: 512, durationMs: 16_000 }]
    expect(
      live(
        60,
        (second) => beat(Math.min(second, 5), { stepTokens: 300, slowSteps: withChunk }),
        () => true,
      ),
    ).toBeNull()
    expect(
      live(
        60,
        (second) => beat(Math.min(second, 5), { stepTokens: 1, slowSteps: withChunk }),
        () => true,
      ),
    ).toMatchObject({ second: 15 })
  })

  it.each([
    ['stopped or deadlocked', 1.5, 15],
    ['spinning', 1_000, 15],
  ] as const)('F1: that is %s is found in 15 seconds by what it did with its time', (_what, cpuMsEachSecond, within) => {
    const ended = live(
      1000,
      (second) => beat(Math.min(second, 100), { cpuMs: second * cpuMsEachSecond }),
      () => true,
    )
    expect(ended?.fault.reason).toBe('stuck')
    expect(ended!.second - 100).toBeLessThanOrEqual(within)
  })

  it('F1: slowed fifty times by others is not ended in ten minutes, though a layer takes most of a minute', () => {
    const slowed = (second: number): WorkerHeartbeat => beat(7, { layersDone: Math.floor(second / 50), cpuMs: second * 40 })
    expect(live(600, slowed, () => true)).toBeNull()
    expect(
      live(
        600,
        (second) => (second % 40 === 0 ? slowed(second) : 'nothing'),
        () => true,
      ),
    ).toMatchObject({ fault: { reason: 'silent' } })
  })

  it.each([0.04, 0.3, 0.45, 1])(
    'that is stopped is silent within eleven seconds, and not before ten, though it had %d of a processor',
    (share) => {
      for (let offsetMs = 0; offsetMs < 2_000; offsetMs += 250) {
        const stoppedMs = 100_000 + offsetMs
        let state: WatchState = startWatch(0)
        let faultMs: number | null = null
        for (let nowMs = 250; faultMs === null; nowMs += 250) {
          const cpuMs = Math.floor((Math.min(nowMs, stoppedMs) * share) / 10) * 10
          if (nowMs <= stoppedMs && nowMs % 1_000 === 0) state = hearWorker(state, beat(nowMs, { cpuMs }))
          if (nowMs % 500 !== 0) continue
          const ticked = tickWatch(state, nowMs, true, limits)
          if (ticked.fault) faultMs = nowMs
          state = seeProcess(ticked.state, cpuMs)
        }
        expect(faultMs - stoppedMs).toBeGreaterThanOrEqual(9_500)
        expect(faultMs - stoppedMs).toBeLessThanOrEqual(11_000)
      }
    },
  )

  it('F1: waits for another rank that moves', () => {
    let state = hearWorker(startWatch(0), beat(1, {}))
    for (let second = 1; second <= 100; second++) {
      if (second % 8 === 0) state = restartClock(state)
      state = hearWorker(state, beat(1, {}))
      const { state: next, fault } = tickWatch(state, second * 1000, true, limits)
      expect(fault).toBeNull()
      state = next
    }
  })
})
