import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** Longer output is cut: no command that is used here prints a tenth of this. */
const MAX_OUTPUT_BYTES = 4 * 2 ** 20

export type CommandResult =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'timed-out' }
  /** An earlier run was killed but has not ended: a hung device driver holds it. */
  | { readonly kind: 'stuck' }

/** Runs a program until it ends or `timeoutMs` have passed. Rejects only when `signal` aborts. */
export type RunCommand = (
  program: string,
  programArguments: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<CommandResult>

/** Runs real programs. A program that outlived its time limit is not started a second time. */
export function createRunCommand(): RunCommand {
  const stuck = new Set<string>()
  return (program, programArguments, timeoutMs, signal) => {
    const key = [program, ...programArguments].join(' ')
    if (stuck.has(key)) return Promise.resolve({ kind: 'stuck' })
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const child = spawn(program, programArguments, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
      const stdout = collect(child.stdout)
      const stderr = collect(child.stderr)
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        end()
      }
      const abandon = (): void => {
        stuck.add(key)
        child.kill('SIGKILL')
        child.unref()
      }
      const abort = (): void => {
        abandon()
        settle(() => reject(signal.reason))
      }
      const timer = setTimeout(() => {
        abandon()
        settle(() => resolve({ kind: 'timed-out' }))
      }, timeoutMs)
      signal.addEventListener('abort', abort, { once: true })
      child.on('error', () => {
        stuck.delete(key)
        settle(() => resolve({ kind: 'absent' }))
      })
      child.on('exit', () => stuck.delete(key))
      child.on('close', (exitCode) => settle(() => resolve({ kind: 'exited', exitCode, stdout: stdout(), stderr: stderr() })))
    })
  }
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
