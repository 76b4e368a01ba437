import type { Clock } from '../../platform/clock.ts'
import type { ExitFacts } from './diagnose-exit.ts'
import {
  hearWorker,
  restartClock,
  seeProcess,
  standsForMs,
  startWatch,
  tickWatch,
  type WatchState,
  type WorkerHeartbeat,
} from './watch-worker.ts'
import type { WorkerLimits, WorkerStatus } from './worker.ts'
import type { PendingLoad } from './worker-answers.ts'

/** The watchdog of one worker: reports the limit that it has exceeded. */
export class WorkerWatch {
  readonly #clock: Pick<Clock, 'now'>
  readonly #limits: WorkerLimits
  readonly #startedAtMs: number
  #state: WatchState

  constructor(clock: Pick<Clock, 'now'>, limits: WorkerLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#startedAtMs = clock.now()
    this.#state = startWatch(this.#startedAtMs)
  }

  get moves(): number {
    return this.#state.moves
  }

  get standsForMs(): number {
    return standsForMs(this.#state)
  }

  hear(heartbeat: WorkerHeartbeat | null): void {
    this.#state = hearWorker(this.#state, heartbeat)
  }

  see(cpuMs: number): void {
    this.#state = seeProcess(this.#state, cpuMs)
  }

  restart(): void {
    this.#state = restartClock(this.#state)
  }

  /** @returns null while the worker is within its limits */
  tick(status: WorkerStatus, load: PendingLoad | null, hasWork: boolean): ExitFacts['killedFor'] {
    const nowMs = this.#clock.now()
    if (status === 'starting') return nowMs - this.#startedAtMs > this.#limits.startMs ? 'slow-start' : null
    if (load) {
      const silentMs = nowMs - load.progressAtMs
      if (!load.hasJoined && silentMs > this.#limits.joinMs) return 'slow-join'
      if (silentMs > this.#limits.loadSilenceMs) return 'slow-load'
    }
    const { state, fault } = tickWatch(this.#state, nowMs, hasWork && status === 'ready', this.#limits)
    this.#state = state
    return fault?.reason ?? null
  }
}
