import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDir } from './run-exo.ts'

/** A running node, started as a user would start it. */
export interface RunningExo {
  readonly apiUrl: string
  readonly dashboardUrl: string
  readonly processId: number
  readonly dataDir: string
  /** The time from start to the banner, and to the line that reports a ready model; null if that was not awaited. */
  readonly listeningMs: number
  readonly readyMs: number | null
  /** Its whole output so far. */
  output(): string
  /** Stops it as Ctrl-C does. @returns its exit status */
  stop(): Promise<number | null>
  /** Its exit status, once it has one. */
  readonly exited: Promise<number | null>
}

export interface StartOptions {
  readonly arguments?: readonly string[]
  readonly launcher?: string
  readonly env?: NodeJS.ProcessEnv
  /** Default: a new folder, deleted when the node stops. */
  readonly dataDir?: string
  /** Default: true. */
  readonly awaitModel?: boolean
  readonly timeoutMs?: number
}

const API_LINE = /^API\s+(http:\/\/\S+)\/v1\s*$/m
const DASHBOARD_LINE = /^Dashboard\s+(http:\/\/\S+)\s*$/m
const MODEL_LINE = /^Model\s+(.+?)\s+ready in/m

/** Starts `./exo` on a free port and waits until it reports that it is ready. */
export async function startExo(options: StartOptions = {}): Promise<RunningExo> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'exo-e2e-')))
  const startMs = performance.now()
  const child = spawn(
    options.launcher ?? join(projectDir, 'exo'),
    ['--port', '0', '--no-mdns', '--no-broadcast', '--data-dir', dataDir, ...(options.arguments ?? [])],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const timeoutMs = options.timeoutMs ?? 60_000
  const awaitLine = async (pattern: RegExp): Promise<number> => {
    while (!pattern.test(output)) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() - startMs > timeoutMs) {
        const end = child.signalCode === null ? `exit status ${child.exitCode}` : `signal ${child.signalCode}`
        child.kill('SIGKILL')
        throw new Error(`exo did not say ${pattern} (${end}):\n${output}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return performance.now() - startMs
  }
  const listeningMs = await awaitLine(DASHBOARD_LINE)
  const readyMs = options.awaitModel === false ? null : await awaitLine(MODEL_LINE)
  return {
    apiUrl: API_LINE.exec(output)?.[1] ?? '',
    dashboardUrl: DASHBOARD_LINE.exec(output)?.[1] ?? '',
    processId: child.pid ?? 0,
    dataDir,
    listeningMs,
    readyMs,
    output: () => output,
    exited,
    stop: async () => {
      const status = await end(child, exited)
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
      return status
    },
  }
}

async function end(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  return exited.finally(() => clearTimeout(timer))
}
