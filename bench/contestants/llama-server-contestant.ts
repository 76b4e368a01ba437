import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freePort } from '../../main/platform/network/free-ports.ts'
import { AppError } from '../../main/shared/app-error.ts'
import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'
import type { Contestant } from './contestant.ts'
import { peakMemoryBytes } from './peak-memory.ts'

const READY_LIMIT_MS = 120_000
const POLL_MS = 200
const SAID_CHARACTERS = 4_000
const Chunk = z.object({ tokens: z.array(z.int()).default([]), error: z.unknown().optional() })

/**
 * Starts llama.cpp's server with all processors and measures it through its own API, which takes and returns token ids.
 *
 * @param program - `llama-server`, or its path
 * @throws AppError `run-failed` if it does not start
 */
export async function startLlamaServerContestant(program: string, ggufFile: string, contextTokens: number): Promise<Contestant> {
  const port = await freePort()
  const settings = ['--ctx-size', String(contextTokens), '--parallel', '1', '--threads', String(availableParallelism())]
  const child = spawn(program, ['--model', ggufFile, '--host', '127.0.0.1', '--port', String(port), ...settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  let isGone = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARACTERS)))
  child.once('error', (error) => (said = error.message))
  child.once('close', () => (isGone = true))
  const stop = async (): Promise<void> => {
    if (isGone) return
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  const apiUrl = `http://127.0.0.1:${port}`
  const deadlineMs = performance.now() + READY_LIMIT_MS
  while (!(await isUp(apiUrl))) {
    if (isGone || performance.now() > deadlineMs) {
      await stop()
      throw new AppError('run-failed', `${program} did not become ready: ${said}`)
    }
    await sleep(POLL_MS)
  }
  return {
    name: 'llama-server',
    async run({ promptTokenIds, maxTokens }) {
      const body = { prompt: promptTokenIds, n_predict: maxTokens, temperature: 0, ignore_eos: true, cache_prompt: false }
      const startMs = performance.now()
      const response = await fetch(`${apiUrl}/completion`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, stream: true, return_tokens: true }),
      })
      if (!response.ok || !response.body)
        throw new AppError('run-failed', `llama-server answered ${response.status}: ${await response.text()}`)
      return { promptTokens: promptTokenIds.length, startMs, tokenMs: await arrivals(response.body) }
    },
    peakMemoryBytes: () => peakMemoryBytes(child.pid ?? 0),
    stop,
  }
}

async function arrivals(body: ReadableStream<Uint8Array>): Promise<number[]> {
  const tokenMs: number[] = []
  for await (const data of readDataEvents(body.pipeThrough(new TextDecoderStream()))) {
    const nowMs = performance.now()
    const { tokens, error } = Chunk.parse(JSON.parse(data))
    if (error !== undefined) throw new AppError('run-failed', `llama-server broke off: ${JSON.stringify(error)}`)
    for (const _token of tokens) tokenMs.push(nowMs)
  }
  return tokenMs
}

const isUp = (apiUrl: string): Promise<boolean> =>
  fetch(`${apiUrl}/health`).then(
    ({ ok }) => ok,
    () => false,
  )
