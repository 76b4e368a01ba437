import { z } from 'zod'
import { AppError } from '../../main/shared/app-error.ts'

const Answer = z.object({ usage: z.object({ completion_tokens: z.int().min(1) }) })

/** A server with OpenAI's API and one loaded model. */
export interface AnswerServer {
  readonly name: string
  readonly apiUrl: string
  readonly modelId: string
  stop(): Promise<void>
}

/** Each subject leads to a long answer, and no two prompts share a prefix. */
const SUBJECTS = ['rivers', 'engines', 'bread', 'the moon', 'glass', 'trade', 'bees', 'maps'] as const
export const MOST_MEASURED_STREAMS = SUBJECTS.length

/** Requests `streams` answers at once. @returns total tokens per second from the first request to the end of the last answer */
export async function measureAnswers(server: AnswerServer, streams: number, maxTokens: number): Promise<number> {
  const startMs = performance.now()
  const counts = await Promise.all(
    SUBJECTS.slice(0, streams).map((subject) => countAnswer(server, `${subject}: write all that you know about it, at length.`, maxTokens)),
  )
  const seconds = (performance.now() - startMs) / 1000
  return counts.reduce((sum, count) => sum + count, 0) / seconds
}

async function countAnswer({ name, apiUrl, modelId }: AnswerServer, content: string, maxTokens: number): Promise<number> {
  const body = { model: modelId, messages: [{ role: 'user', content }], max_tokens: maxTokens, temperature: 0 }
  const response = await fetch(`${apiUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new AppError('run-failed', `${name} answered ${response.status}: ${await response.text()}`)
  return Answer.parse(await response.json()).usage.completion_tokens
}
