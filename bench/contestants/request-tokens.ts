import { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'
import { readDataEvents } from '../../main/shared/formats/read-data-events.ts'
import type { RunRequest } from './contestant.ts'
import type { TokenTimes } from '../measure-run.ts'

const Chunk = z.object({ choices: z.array(z.object({ token_ids: z.array(z.int()).optional() })), error: z.unknown().optional() })

/**
 * Streams greedy tokens from a node and records when each arrives.
 *
 * @throws AppError `run-failed` if the node refuses, breaks off, or returns a different number of tokens
 */
export async function requestTokens(apiUrl: string, modelId: string, { promptTokenIds, maxTokens }: RunRequest): Promise<TokenTimes> {
  const body = {
    model: modelId,
    prompt: promptTokenIds,
    max_tokens: maxTokens,
    temperature: 0,
    ignore_eos: true,
    return_token_ids: true,
    stream: true,
  }
  const startMs = performance.now()
  const response = await fetch(`${apiUrl}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok || !response.body) throw new AppError('run-failed', `The node answered ${response.status}: ${await response.text()}`)
  return { promptTokens: promptTokenIds.length, startMs, tokenMs: await tokenArrivals(response.body, maxTokens) }
}

async function tokenArrivals(body: ReadableStream<Uint8Array>, maxTokens: number): Promise<number[]> {
  const tokenMs: number[] = []
  for await (const data of readDataEvents(body.pipeThrough(new TextDecoderStream()))) {
    const nowMs = performance.now()
    const chunk = Chunk.parse(JSON.parse(data))
    if (chunk.error !== undefined) throw new AppError('run-failed', `The node broke off: ${JSON.stringify(chunk.error)}`)
    for (const _token of chunk.choices[0]?.token_ids ?? []) tokenMs.push(nowMs)
  }
  if (tokenMs.length !== maxTokens) throw new AppError('run-failed', `Expected ${maxTokens} tokens, received ${tokenMs.length}.`)
  return tokenMs
}
