import { utilityProcess, type UtilityProcess } from 'electron'
import { childEnvironment } from '../../platform/processes/child-environment.ts'

export interface UtilityOptions {
  readonly entry: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** As the system's list of processes shows it. */
  readonly serviceName: string
  /** Loads libraries that others have signed, as workers and the history do; the node itself does not. */
  readonly loadsLibraries: boolean
}

/** Starts a module in a process of its own. */
export function forkUtilityProcess({
  entry,
  arguments: argumentList,
  environment,
  serviceName,
  loadsLibraries,
}: UtilityOptions): UtilityProcess {
  const child = utilityProcess.fork(entry, [...argumentList], {
    env: childEnvironment(environment),
    serviceName,
    stdio: ['ignore', 'pipe', 'pipe'],
    // On macOS the process is then one of the helper that may: see setup/package/entitlements.mjs.
    allowLoadingUnsignedLibraries: loadsLibraries,
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
  return child
}
