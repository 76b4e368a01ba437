import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../main/shared/app-error.ts'

const READY_LIMIT_MS = 600_000
const POLL_MS = 20

/** A node, started as a user would start it. */
export interface BenchNode {
  readonly apiUrl: string
  readonly processId: number
  /** Its output up to the time when it was ready. */
  readonly output: string
  stop(): Promise<void>
}

/**
 * Starts a node on a free API port and waits until its output matches `isReady`.
 *
 * @throws AppError `node-not-ready` with the node's output
 */
export async function startBenchNode(launcher: string, dataDir: string, flags: readonly string[], isReady: RegExp): Promise<BenchNode> {
  const child = spawn(launcher, ['--port', '0', '--data-dir', dataDir, '--log-level', 'error', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  // Read to the end, since a node cannot write into a closed pipe.
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const deadlineMs = performance.now() + READY_LIMIT_MS
  while (!isReady.test(output) && child.exitCode === null && performance.now() < deadlineMs) await sleep(POLL_MS)
  const apiUrl = /^API\s+(\S+)\/v1$/m.exec(output)?.[1]
  if (apiUrl === undefined || !isReady.test(output)) {
    child.kill('SIGKILL')
    throw new AppError('node-not-ready', `The node did not become ready. Its output:\n${output}`)
  }
  return {
    apiUrl,
    processId: child.pid ?? 0,
    output,
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGINT')
      await once(child, 'exit')
    },
  }
}
