/** How a service of exo runs. */
export interface ServiceFacts {
  /** The words of the command, with absolute paths. */
  readonly program: readonly string[]
  readonly home: string
  readonly user: string
  /** The numeric id of the user, which launchd needs. */
  readonly userId: number
  readonly dataDir: string
  /** Folders besides the data folder to which the node writes: downloaded models and caches. */
  readonly writableFolders: readonly string[]
  /** Starts at boot, without anyone logging in. Needs root. */
  readonly isSystem: boolean
}

/** The name of the service for its manager. */
export const SYSTEMD_NAME = 'exo'
export const LAUNCHD_LABEL = 'io.exo-distributed.node'

/** Variables for the node, such as `EXO_MAX_MEMORY=48GB`; one per line. */
export function environmentFileOf(dataDir: string): string {
  return `${dataDir}/service.env`
}

/** The log of a service under launchd, which does not limit the size of files itself. */
export function serviceLogOf(dataDir: string): string {
  return `${dataDir}/logs/service.log`
}
