import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type HubProcess, startHubProcess } from './hub-process.ts'

export interface LocalHub extends HubProcess {
  /** A folder for caches, deleted with the hub. */
  readonly folder: string
  /** The environment of a node that uses this hub. */
  environment(cacheDir: string): Record<string, string>
  close(): Promise<void>
}

export interface LocalHubOptions {
  readonly modelDir: string
  readonly modelId: string
  /** Default: any free one. */
  readonly port?: number
}

/** Starts a hub on this machine with one model: the files of `modelDir` under the name `modelId`. */
export async function startLocalHub({ modelDir, modelId, port = 0 }: LocalHubOptions): Promise<LocalHub> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-local-hub-'))
  const root = join(folder, 'hub')
  await mkdir(dirname(join(root, modelId)), { recursive: true })
  await cp(modelDir, join(root, modelId), { recursive: true })
  let end = (): void => undefined
  const hub = await startHubProcess(
    { root, port, host: '127.0.0.1' },
    (nodeArguments) => {
      const child = spawn(process.execPath, nodeArguments, { stdio: ['ignore', 'pipe', 'inherit'] })
      end = () => void child.kill()
      return child
    },
    async (url) => (await fetch(url)).text(),
  )
  return {
    ...hub,
    folder,
    environment: (cacheDir) => ({ HF_ENDPOINT: hub.url, HF_HUB_CACHE: cacheDir, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' }),
    close: async () => {
      end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
