import { utilityProcess, type UtilityProcess } from 'electron'
import { childEnvironment } from '../../platform/processes/child-environment.ts'

export interface UtilityOptions {
  readonly entry: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** The name in the system's list of processes. */
  readonly serviceName: string
  /** The process loads libraries signed by others, as workers and the history do. The node itself does not. */
  readonly loadsLibraries: boolean
}

/** Starts a module in a separate process. */
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
    // On macOS the process then uses the helper that is allowed to: see setup/package/entitlements.mjs.
    allowLoadingUnsignedLibraries: loadsLibraries,
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
  return child
}
