import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { cacheDir } from '../../main/platform/files/default-folders.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { type EnvironmentName, pythonProgram } from './environment.ts'

const DRIVERS = join(import.meta.dirname, 'drivers')
/** A busy machine may need minutes for a client that starts slowly. */
const LIMIT_MS = 840_000

export interface DriverRun {
  readonly apiUrl: string
  readonly model: string
  readonly modelFolder: string
  /** The node's data folder. */
  readonly dataDir: string
  /** The folder of the other environment, if its client has one. */
  readonly besideFolder?: string
}

/** The result of a client's driver: for each flow the reason of its failure, or null. `output` has all that it printed. */
export interface Findings {
  readonly flows: ReadonlyMap<string, string | null>
  readonly output: string
}

/** Runs a driver with the packages of an environment and its own home folder. */
export async function runDriver(
  { kind, pythonMinor }: EnvironmentName,
  folder: string,
  driver: string,
  { apiUrl, model, modelFolder, dataDir, besideFolder }: DriverRun,
): Promise<Findings> {
  const home = await mkdtemp(join(tmpdir(), 'exo-client-'))
  const isNpm = kind === 'npm'
  try {
    // Node resolves packages from the script's folder.
    const place = isNpm ? await mkdtemp(join(folder, 'driver-')) : join(DRIVERS, 'python')
    if (isNpm) for (const file of ['flows.mjs', 'agent.mjs', driver]) await cp(join(DRIVERS, file), join(place, basename(file)))
    const env = {
      ...Object.fromEntries(
        Object.keys(process.env)
          .filter((name) => /^(OPENAI|ANTHROPIC|OLLAMA|NODE_|VITEST|HF_|.*_proxy$)/i.test(name))
          .map((name) => [name, undefined]),
      ),
      HOME: home,
      // With another home folder, `exo launch` would set up the engine again.
      EXO_CACHE: cacheDir(),
      EXO_URL: apiUrl,
      EXO_MODEL: model,
      EXO_MODEL_FOLDER: modelFolder,
      EXO_PROGRAM: join(projectDir, 'exo'),
      EXO_DATA_DIR: dataDir,
      EXO_BESIDE_FOLDER: besideFolder,
      ...(isNpm ? {} : { PYTHONPATH: [folder, place].join(delimiter), PYTHONNOUSERSITE: '1' }),
    }
    try {
      const { stdout, stderr } = await runProgram(isNpm ? process.execPath : await pythonProgram(pythonMinor), [join(place, driver)], {
        env,
        cwd: home,
        timeoutMs: LIMIT_MS,
      })
      return { flows: new Map(stdout.split('\n').flatMap(readLine)), output: `${stdout}\n${stderr}` }
    } finally {
      if (isNpm) await rm(place, { recursive: true, force: true })
    }
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

function readLine(line: string): [string, string | null][] {
  if (!line.startsWith('{"flow"')) return []
  const { flow, failure } = JSON.parse(line) as { flow: string; failure: string | null }
  return [[flow, failure]]
}
