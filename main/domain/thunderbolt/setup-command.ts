/** A command to run as the administrator, as a list of words. */
export type SetupCommand = readonly string[]
