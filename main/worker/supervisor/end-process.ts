import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log/log.ts'
import type { SpawnedProcess } from '../../platform/processes/spawn-process.ts'
import { AppError } from '../../shared/app-error.ts'
import { exitsWithin } from './exits-within.ts'
import type { WorkerLimits } from './worker.ts'

export interface EndingProcess {
  readonly process: SpawnedProcess
  /** Resolves when the process is gone. */
  readonly exited: Promise<unknown>
  readonly clock: Clock
  readonly log: Log
  readonly limits: Pick<WorkerLimits, 'closeMs' | 'termMs' | 'killMs'>
}

/**
 * Waits for a process that was asked to end, then sends TERM and KILL, each with a time limit.
 *
 * @throws AppError `worker-unkillable` if even KILL does not end it, for example when it hangs in a driver
 */
export async function endProcess(ending: EndingProcess): Promise<void> {
  const { process, exited, clock, log, limits } = ending
  if (await exitsWithin(limits.closeMs, exited, clock)) return
  log.warn('worker does not close, ending it', { processId: process.processId() })
  process.kill('SIGTERM')
  if (await exitsWithin(limits.termMs, exited, clock)) return
  process.kill('SIGKILL')
  if (await exitsWithin(limits.killMs, exited, clock)) return
  const processId = process.processId()
  throw new AppError('worker-unkillable', `The worker process ${processId} does not exit. Restart the machine if you need its memory.`, {
    processId,
  })
}
