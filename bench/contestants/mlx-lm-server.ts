import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../main/platform/network/free-ports.ts'
import { AppError } from '../../main/shared/app-error.ts'
import type { AnswerServer } from './measure-answers.ts'

const READY_LIMIT_MS = 120_000
/** The server logs every request; the end of the log is enough to show why it failed. */
const SAID_CHARACTERS = 4_000

/** Starts `mlx_lm.server` from PyPI. */
export async function startMlxLmServer(python: string, modelDir: string): Promise<AnswerServer> {
  const port = await freePort()
  const child = spawn(
    python,
    ['-m', 'mlx_lm', 'server', '--model', modelDir, '--host', '127.0.0.1', '--port', String(port), '--log-level', 'ERROR'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARACTERS)))
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  const apiUrl = `http://127.0.0.1:${port}`
  const deadlineMs = performance.now() + READY_LIMIT_MS
  while (!(await isUp(apiUrl))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await stop()
      throw new AppError('mlx-lm-failed', `mlx_lm.server did not become ready. Its output:\n${said}`)
    }
    await sleep(200)
  }
  return { name: 'mlx_lm.server', apiUrl, modelId: modelDir, stop }
}

const isUp = (apiUrl: string): Promise<boolean> =>
  fetch(`${apiUrl}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
