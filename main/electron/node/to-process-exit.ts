import { constants } from 'node:os'
import type { ProcessExit } from '../../platform/processes/spawn-process.ts'

/** Our own processes end by themselves with 0, 1 or 2; below this the number cannot tell a status from a signal. */
const FIRST_SIGNAL = 4

/**
 * Electron tells a utility process's exit as one number, which is a signal's where one ended it.
 *
 * @param exitCode - null where the process could not be started
 */
export function toProcessExit(exitCode: number | null): ProcessExit {
  const signal =
    exitCode !== null && exitCode >= FIRST_SIGNAL
      ? Object.entries(constants.signals).find(([, value]) => value === exitCode)?.[0]
      : undefined
  return signal === undefined ? { exitCode, signal: null } : { exitCode: null, signal }
}
