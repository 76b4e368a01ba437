import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A shard worker's environment at its start. */
export interface WorkerEnvironment {
  readonly startedAtMs: number
  /** The variables that MLX reads. */
  readonly variables: Readonly<Record<string, string>>
  /** Contents of the files that the variables name, by path. */
  readonly files: Readonly<Record<string, string>>
}

/** Makes the workers of nodes record their environments. */
export class WorkerEnvironments {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async record(): Promise<WorkerEnvironments> {
    return new WorkerEnvironments(await mkdtemp(join(tmpdir(), 'exo-workers-')))
  }

  /** The variables for the nodes. */
  get env(): NodeJS.ProcessEnv {
    return {
      EXO_RECORD_WORKERS: this.#folder,
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'record-worker-environment.mjs')).href}`,
    }
  }

  /** The environments of groups over JACCL or over the TCP ring, sorted by rank. */
  async of(variable: 'MLX_IBV_DEVICES' | 'MLX_HOSTFILE'): Promise<WorkerEnvironment[]> {
    const names = await readdir(this.#folder)
    const all = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as WorkerEnvironment),
    )
    return all
      .filter(({ variables }) => variables[variable] !== undefined)
      .sort((a, b) => Number(a.variables['MLX_RANK']) - Number(b.variables['MLX_RANK']))
  }

  async clear(): Promise<void> {
    for (const name of await readdir(this.#folder)) await rm(join(this.#folder, name))
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true })
  }
}
