/** A command to run as the administrator, as words. */
export type SetupCommand = readonly string[]
