/** Set where no person starts the node: by a supervisor after a fault, by a service, by an update. */
export const RESTARTED_VARIABLE = 'EXO_RESTARTED'

/** Whether a person started this program just now: someone who pushed the button of one machine may let in a second one. */
export function wasStartedByPerson(environment: Readonly<Record<string, string | undefined>>): boolean {
  const value = environment[RESTARTED_VARIABLE]
  return value === undefined || value === ''
}
