/** Set when the node is not started by a person: by a supervisor after a fault, by a service, or by an update. */
export const RESTARTED_VARIABLE = 'EXO_RESTARTED'

/** Whether a person has just started this program: a person who presses the button on one machine may admit a second one. */
export function wasStartedByPerson(environment: Readonly<Record<string, string | undefined>>): boolean {
  const value = environment[RESTARTED_VARIABLE]
  return value === undefined || value === ''
}
