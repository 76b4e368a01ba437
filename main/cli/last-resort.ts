import { type DeathTimes, nextRestart, nodeRestartLimits } from '../domain/desktop/next-restart.ts'
import { RESTARTED_VARIABLE } from '../platform/processes/start-cause.ts'

/** The exit status of a node that an uncaught error ended and that does not restart: too many errors in a short time, or no way to. */
export const FAULT_STATUS = 70

const DEATHS = 'EXO_RESTART_DEATHS'
const DELAY = 'EXO_RESTART_DELAY_MS'
const PORT = 'EXO_RESTART_PORT'

type Environment = Readonly<Record<string, string | undefined>>

export interface LastResortHost {
  readonly environment: Environment
  now(): number
  /** Restarts the program in this process; null if the platform cannot. */
  readonly exec: ((environment: Environment) => void) | null
  exit(status: number): void
  /** Writes the message before it returns: the process ends right after. */
  log(message: string, fields: Readonly<Record<string, unknown>>): void
}

/** What a restart takes over: how long to wait first, and the API port that clients know. */
export function restartOf(environment: Environment): { readonly delayMs: number; readonly port: number | null } {
  return { delayMs: Math.min(wholeNumber(environment[DELAY]) ?? 0, nodeRestartLimits.maxDelayMs), port: wholeNumber(environment[PORT]) }
}

/**
 * Handles an uncaught error. The state of the node is unknown, so it restarts, after a longer wait each time, and not at all
 * when it dies too often.
 */
export function createLastResort(host: LastResortHost): {
  fault(error: unknown, origin: string): void
  port: number | null
  /** The node was asked to stop: an error on the way there ends it. */
  isStopping: boolean
} {
  let isFaulty = false
  const resort = {
    port: null as number | null,
    isStopping: false,
    fault(error: unknown, origin: string): void {
      // A second error while the first is being handled.
      if (isFaulty) return host.exit(FAULT_STATUS)
      isFaulty = true
      if (resort.isStopping) {
        host.log('uncaught error while the node stops: it exits', { error, origin, status: FAULT_STATUS })
        return host.exit(FAULT_STATUS)
      }
      const { deaths, delayMs } = nextRestart(deathsOf(host.environment), host.now(), nodeRestartLimits)
      const { exec } = host
      if (delayMs === null || exec === null) {
        host.log(delayMs === null ? 'uncaught error, too many in a short time: the node exits' : 'uncaught error: the node exits', {
          error,
          origin,
          faults: deaths.length,
          status: FAULT_STATUS,
        })
        return host.exit(FAULT_STATUS)
      }
      host.log('uncaught error: the node restarts', { error, origin, faults: deaths.length, delayMs })
      try {
        exec({
          ...host.environment,
          [RESTARTED_VARIABLE]: '1',
          [DEATHS]: deaths.join(','),
          [DELAY]: String(delayMs),
          ...(resort.port === null ? {} : { [PORT]: String(resort.port) }),
        })
      } catch (cause) {
        host.log('the node could not restart: it exits', { error: cause, status: FAULT_STATUS })
      }
      host.exit(FAULT_STATUS)
    },
  }
  return resort
}

function deathsOf(environment: Environment): DeathTimes {
  return (environment[DEATHS] ?? '').split(',').flatMap((text) => wholeNumber(text) ?? [])
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null
}
