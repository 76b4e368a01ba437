/** Set by what starts a node that no person has just started: a supervisor after a fault, a service, an update. */
export const RESTARTED_VARIABLE = 'EXO_RESTARTED'

/** Whether a person started this program just now: who pushed the button of one machine may let in a second. */
export function wasStartedByPerson(environment: Readonly<Record<string, string | undefined>>): boolean {
  const value = environment[RESTARTED_VARIABLE]
  return value === undefined || value === ''
}
