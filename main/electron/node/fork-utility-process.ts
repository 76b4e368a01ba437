import { utilityProcess, type UtilityProcess } from 'electron'
import { childEnvironment } from '../../platform/processes/child-environment.ts'

export interface UtilityOptions {
  readonly entry: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** As the system's list of processes shows it. */
  readonly serviceName: string
}

/** Starts a module in a process of its own. */
export function forkUtilityProcess({ entry, arguments: argumentList, environment, serviceName }: UtilityOptions): UtilityProcess {
  const child = utilityProcess.fork(entry, [...argumentList], {
    env: childEnvironment(environment),
    serviceName,
    stdio: ['ignore', 'pipe', 'pipe'],
    // MLX's libraries carry another signature than the app where this is a build without a certificate.
    allowLoadingUnsignedLibraries: true,
  })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
  return child
}
