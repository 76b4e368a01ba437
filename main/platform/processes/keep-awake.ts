import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '../clock.ts'
import type { Log } from '../log/log.ts'

/** Also starts a program again that has ended by itself. */
const CHECK_MS = 30_000

/** A program that keeps this machine awake while it runs. */
export interface SleepInhibitor {
  readonly program: string
  readonly programArguments: readonly string[]
}

/**
 * The inhibitor of a platform; null: such machines do not sleep by themselves. On battery a Mac may sleep as its owner has set it.
 *
 * @param processId - the inhibitor ends with this process, however it ends
 */
export function sleepInhibitor(platform: NodeJS.Platform, processId: number): SleepInhibitor | null {
  return platform === 'darwin' ? { program: '/usr/bin/caffeinate', programArguments: ['-s', '-w', String(processId)] } : null
}

export interface KeepAwakeDependencies {
  readonly inhibitor: SleepInhibitor
  readonly clock: Pick<Clock, 'every'>
  readonly log: Pick<Log, 'info' | 'warn'>
  isNeeded(): boolean
  onChange(listener: () => void, signal: AbortSignal): void
}

/** Keeps this machine awake whenever `isNeeded` says so, until `signal` aborts. */
export function keepAwake({ inhibitor, clock, log, isNeeded, onChange }: KeepAwakeDependencies, signal: AbortSignal): void {
  let running: ChildProcess | null = null
  const start = (): void => {
    const child = spawn(inhibitor.program, inhibitor.programArguments, { stdio: 'ignore' })
    const onEnd = (reason: string): void => {
      if (running !== child) return
      running = null
      log.warn('this machine may go to sleep', { reason })
    }
    child.once('error', (error) => onEnd(error.message))
    child.once('exit', (exitCode, by) => onEnd(`${inhibitor.program} ended with ${by ?? exitCode}`))
    child.unref()
    running = child
    log.info('this machine is kept awake')
  }
  const stop = (): void => {
    const child = running
    running = null
    child?.kill()
  }
  const check = (): void => {
    if (signal.aborted || !isNeeded()) stop()
    else if (!running) start()
  }
  onChange(check, signal)
  clock.every(CHECK_MS, check, signal)
  signal.addEventListener('abort', stop, { once: true })
  check()
}
