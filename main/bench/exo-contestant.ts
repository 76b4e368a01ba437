import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import { AppError } from '../shared/app-error.ts'
import type { Contestant } from './contestant.ts'
import type { AnswerServer } from './measure-answers.ts'
import { peakMemoryBytes } from './peak-memory.ts'

const Chunk = z.object({ choices: z.array(z.object({ token_ids: z.array(z.int()).optional() })), error: z.unknown().optional() })

const READY_LIMIT_MS = 600_000

/**
 * Starts a node as a user would, and measures it through its HTTP API.
 *
 * @param model - id or folder; null: the default model
 */
export async function startExoContestant(launcher: string, model: string | null, dataDir: string): Promise<Contestant & AnswerServer> {
  const flags = ['--port', '0', '--data-dir', dataDir, '--no-mdns', '--no-broadcast', '--log-level', 'error', ...(model === null ? [] : ['--model', model])]
  const child = spawn(launcher, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8')
  const deadlineMs = performance.now() + READY_LIMIT_MS
  for await (const text of child.stdout) {
    output += String(text)
    if (/^Model\s.*ready/m.test(output) || performance.now() > deadlineMs) break
  }
  const apiUrl = /^API\s+(\S+)\/v1$/m.exec(output)?.[1]
  const modelId = /^Model\s+(.+?)\s+ready/m.exec(output)?.[1]
  if (apiUrl === undefined || modelId === undefined) {
    child.kill('SIGKILL')
    throw new AppError('node-not-ready', `The node did not become ready. It said:\n${output}`)
  }
  return {
    name: 'exo',
    apiUrl,
    modelId,
    run: async ({ promptTokenIds, maxTokens }) => {
      const body = { model: modelId, prompt: promptTokenIds, max_tokens: maxTokens, temperature: 0, ignore_eos: true, return_token_ids: true, stream: true }
      const startMs = performance.now()
      const response = await fetch(`${apiUrl}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
      if (!response.ok || !response.body) throw new AppError('run-failed', `The node answered ${response.status}: ${await response.text()}`)
      return { promptTokens: promptTokenIds.length, startMs, tokenMs: await tokenArrivals(response.body, maxTokens) }
    },
    peakMemoryBytes: () => peakMemoryBytes(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGINT')
      await once(child, 'exit')
    },
  }
}

async function tokenArrivals(body: ReadableStream<Uint8Array>, maxTokens: number): Promise<number[]> {
  const tokenMs: number[] = []
  let pending = ''
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    const nowMs = performance.now()
    pending += decoder.decode(bytes, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue
      const chunk = Chunk.parse(JSON.parse(line.slice('data: '.length)))
      if (chunk.error !== undefined) throw new AppError('run-failed', `The node broke off: ${JSON.stringify(chunk.error)}`)
      for (const _token of chunk.choices[0]?.token_ids ?? []) tokenMs.push(nowMs)
    }
  }
  if (tokenMs.length !== maxTokens) throw new AppError('run-failed', `${maxTokens} tokens were asked for, ${tokenMs.length} came.`)
  return tokenMs
}
