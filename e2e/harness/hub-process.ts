import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectDir } from '../node/run-exo.ts'

/** A request in the hub's log. */
export interface SeenHubRequest {
  readonly path: string
  readonly range: string | null
  readonly from: string
  readonly sentBytes: number
}

/** A hub in its own process that serves the models of a folder. */
export interface HubProcess {
  readonly url: string
  requests(): Promise<SeenHubRequest[]>
  /** Sets the faults from now on, by the hub's own names. */
  setFaults(faults: Readonly<Record<string, unknown>>): Promise<void>
}

const SCRIPT = join(projectDir, 'main', 'models', 'hub', '__fixtures__', 'test-hub.ts')

/** @param run - starts Node with these arguments and stops it with the test. @param fetchText - fetches from where the hub is reachable */
export async function startHubProcess(
  { root, port, host }: { readonly root: string; readonly port: number; readonly host: string },
  run: (nodeArguments: readonly string[]) => ChildProcess,
  fetchText: (url: string) => Promise<string>,
): Promise<HubProcess> {
  const child = run([SCRIPT, root, `${port}`, host])
  if (!child.stdout) throw new Error('the hub has no output')
  const [line] = (await once(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) })) as [Buffer]
  const url = line.toString().trim()
  return {
    url,
    requests: async () => JSON.parse(await fetchText(`${url}/__requests`)) as SeenHubRequest[],
    setFaults: async (faults) => void (await fetchText(`${url}/__faults?set=${encodeURIComponent(JSON.stringify(faults))}`)),
  }
}

/** The bytes of a file that the hub has sent, in total or to one address. */
export function sentBytes(requests: readonly SeenHubRequest[], path: string, from?: string): number {
  return requests
    .filter((request) => request.path.endsWith(path) && (from === undefined || request.from.endsWith(from)))
    .reduce((sum, request) => sum + request.sentBytes, 0)
}
