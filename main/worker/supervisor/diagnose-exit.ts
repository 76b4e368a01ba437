import type { ProcessExit } from '../../platform/processes/spawn-process.ts'
import { AppError } from '../../shared/app-error.ts'

export interface ExitFacts extends ProcessExit {
  readonly label: string
  /** Newest last. */
  readonly stderrLines: readonly string[]
  /** Why the supervisor itself killed it. */
  readonly killedFor: 'silent' | 'stuck' | 'slow-start' | 'slow-join' | 'slow-load' | null
  /** Whether the system has counted more out-of-memory kills since the worker started. */
  readonly systemRanOutOfMemory: boolean
}

export type ExitReason = 'out-of-memory' | 'hung' | 'crashed' | 'killed' | 'exited' | 'not-started'

const CRASH_SIGNALS = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'])
const MEMORY_TEXT = /out of memory|bad_alloc|insufficient memory|cannot allocate memory|unable to allocate|heap limit/i
const REPORTED_LINES = 5

/** Why a worker exited unexpectedly, for programs (`details.reason`) and for the user. */
export function diagnoseExit(facts: ExitFacts): AppError<'worker-died'> {
  const reason = exitReason(facts)
  const lines = facts.stderrLines.slice(-REPORTED_LINES)
  const said = lines.length === 0 || reason === 'hung' ? '' : ` Last output: ${lines.join(' | ')}`
  const message = `The model's worker ${explanation(reason, facts)}${said}`
  return new AppError('worker-died', message, {
    reason,
    worker: facts.label,
    exitCode: facts.exitCode,
    signal: facts.signal,
    stderrLines: lines,
  })
}

function exitReason({ exitCode, signal, stderrLines, killedFor, systemRanOutOfMemory }: ExitFacts): ExitReason {
  if (killedFor !== null) return 'hung'
  if (signal === null && exitCode === null) return 'not-started'
  const isMemory = stderrLines.some((line) => MEMORY_TEXT.test(line))
  if (signal === 'SIGKILL') return systemRanOutOfMemory ? 'out-of-memory' : 'killed'
  if (isMemory) return 'out-of-memory'
  if (signal !== null) return CRASH_SIGNALS.has(signal) ? 'crashed' : 'killed'
  // A shell or V8 reports a fatal signal as 128 + its number.
  return exitCode !== null && exitCode > 128 && exitCode < 160 ? 'crashed' : 'exited'
}

function explanation(reason: ExitReason, { exitCode, signal, killedFor }: ExitFacts): string {
  switch (reason) {
    case 'out-of-memory':
      return 'ran out of memory. Use a smaller model, a shorter context, or give this node more memory.'
    case 'hung':
      return {
        silent: 'stopped answering and was ended.',
        stuck: 'made no progress and was ended.',
        'slow-start': 'did not start in time and was ended.',
        'slow-join': 'did not start to load the model, for example because it could not reach the other ranks, and was ended.',
        'slow-load': 'made no progress while loading the model and was ended.',
      }[killedFor ?? 'stuck']
    case 'crashed':
      return `crashed (${signal ?? `exit status ${exitCode}`}). The next request loads the model again.`
    case 'killed':
      return signal === 'SIGKILL'
        ? 'was killed (SIGKILL), by a person or because the system ran out of memory. The next request loads the model again.'
        : `was ended from outside (${signal}). The next request loads the model again.`
    case 'exited':
      return `exited (exit status ${exitCode}). The next request loads the model again.`
    case 'not-started':
      return 'could not be started.'
  }
}
