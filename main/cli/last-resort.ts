import { type DeathTimes, nextRestart, nodeRestartLimits } from '../domain/desktop/next-restart.ts'
import { RESTARTED_VARIABLE } from '../platform/processes/start-cause.ts'

/**
 * The exit status of a node that a fault has ended and that does not start again: there were too many faults in a short time, or it cannot.
 */
export const FAULT_STATUS = 70

const DEATHS = 'EXO_RESTART_DEATHS'
const DELAY = 'EXO_RESTART_DELAY_MS'
const PORT = 'EXO_RESTART_PORT'

type Environment = Readonly<Record<string, string | undefined>>

export interface LastResortHost {
  readonly environment: Environment
  now(): number
  /** Starts the program again in this very process; null where that cannot be done. */
  readonly exec: ((environment: Environment) => void) | null
  exit(status: number): void
  /** Must have written the message when it returns, before the process ends. */
  log(message: string, fields: Readonly<Record<string, unknown>>): void
}

/** What a start after a fault takes over from the one before: how long to wait first, and the port where clients know the node. */
export function restartOf(environment: Environment): { readonly delayMs: number; readonly port: number | null } {
  return { delayMs: Math.min(wholeNumber(environment[DELAY]) ?? 0, nodeRestartLimits.maxDelayMs), port: wholeNumber(environment[PORT]) }
}

/**
 * Handles a fault that nothing caught: nobody knows what state the node is in, so it ends and starts again, after a longer
 * wait each time, and no longer when it dies too often.
 */
export function createLastResort(host: LastResortHost): { fault(error: unknown, origin: string): void; port: number | null } {
  let isFaulty = false
  const resort = {
    port: null as number | null,
    fault(error: unknown, origin: string): void {
      // Another fault came while one is being handled.
      if (isFaulty) return host.exit(FAULT_STATUS)
      isFaulty = true
      const { deaths, delayMs } = nextRestart(deathsOf(host.environment), host.now(), nodeRestartLimits)
      const { exec } = host
      if (delayMs === null || exec === null) {
        host.log(
          delayMs === null
            ? 'a fault of the node that nothing caught, the last of too many: it ends'
            : 'a fault of the node that nothing caught: it ends',
          { error, origin, faults: deaths.length, status: FAULT_STATUS },
        )
        return host.exit(FAULT_STATUS)
      }
      host.log('a fault of the node that nothing caught: it starts again', { error, origin, faults: deaths.length, delayMs })
      try {
        exec({
          ...host.environment,
          [RESTARTED_VARIABLE]: '1',
          [DEATHS]: deaths.join(','),
          [DELAY]: String(delayMs),
          ...(resort.port === null ? {} : { [PORT]: String(resort.port) }),
        })
      } catch (cause) {
        host.log('the node could not start again: it ends', { error: cause, status: FAULT_STATUS })
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
