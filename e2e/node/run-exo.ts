import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const projectDir = join(import.meta.dirname, '..', '..')

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface RunOptions {
  /** Default: this checkout's launcher. */
  readonly launcher?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly input?: string
  readonly timeoutMs?: number
}

/** Runs `exo` to its end, as a shell would. */
export async function runExo(commandArguments: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runProgram(options.launcher ?? join(projectDir, 'exo'), commandArguments, options)
}

/** Runs any program to its end, and kills it after `timeoutMs`. */
export async function runProgram(program: string, commandArguments: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const startMs = performance.now()
  const child = spawn(program, commandArguments, {
    cwd: options.cwd ?? projectDir,
    env: { ...process.env, ...options.env },
    timeout: options.timeoutMs ?? 120_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined).end(options.input ?? '') // a program may exit without reading its input
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { status, stdout, stderr, elapsedMs: performance.now() - startMs }
}
