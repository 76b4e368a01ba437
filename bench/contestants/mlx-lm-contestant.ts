import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'
import type { Contestant } from './contestant.ts'
import { peakMemoryBytes } from './peak-memory.ts'

const Times = z.strictObject({ tokenSeconds: z.array(z.number().min(0)) })

/** Starts mlx-lm from PyPI. It is measured inside its own process, around `stream_generate`. */
export async function startMlxLmContestant(python: string, modelDir: string): Promise<Contestant> {
  const child = spawn(python, [join(import.meta.dirname, 'mlx_lm_contestant.py'), modelDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done) throw new AppError('mlx-lm-failed', 'mlx-lm exited before it answered. Its output is above.')
    return JSON.parse(value)
  }
  await nextLine()
  return {
    name: 'mlx-lm',
    run: async ({ promptTokenIds, maxTokens }) => {
      child.stdin.write(`${JSON.stringify({ promptTokenIds, maxTokens })}\n`)
      const { tokenSeconds } = Times.parse(await nextLine())
      return { promptTokens: promptTokenIds.length, startMs: 0, tokenMs: tokenSeconds.map((seconds) => seconds * 1000) }
    },
    peakMemoryBytes: () => peakMemoryBytes(child.pid ?? 0),
    stop: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
