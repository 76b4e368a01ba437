import { constants } from 'node:os'
import type { ProcessExit } from '../../platform/processes/spawn-process.ts'

/** Our own processes exit with 0, 1 or 2. From this value on, the number may be a signal. */
const FIRST_SIGNAL = 4

/**
 * Electron reports the exit of a utility process as one number, which is the signal's number if a signal ended it.
 *
 * @param exitCode - null if the process could not be started
 */
export function toProcessExit(exitCode: number | null): ProcessExit {
  const signal =
    exitCode !== null && exitCode >= FIRST_SIGNAL
      ? Object.entries(constants.signals).find(([, value]) => value === exitCode)?.[0]
      : undefined
  return signal === undefined ? { exitCode, signal: null } : { exitCode: null, signal }
}
