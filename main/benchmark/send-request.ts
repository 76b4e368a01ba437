import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import type { BenchmarkTarget } from './benchmark-target.ts'
import type { Arrivals } from './measure-arrivals.ts'

/** The measured fields of a chunk; the others differ between servers. */
const Chunk = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().nullish(),
        delta: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }).nullish(),
        token_ids: z.array(z.int()).nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
})

export interface BenchmarkRequest {
  readonly endpoint: 'completions' | 'chat'
  readonly model: string
  readonly prompt: string | readonly number[]
  readonly outputTokens: number
  /** Not every server supports it. */
  readonly ignoreEos: boolean
}

function requestOf({ endpoint, model, prompt, outputTokens, ignoreEos }: BenchmarkRequest): {
  readonly path: string
  readonly body: object
} {
  const settings = {
    model,
    max_tokens: outputTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    ...(ignoreEos ? { ignore_eos: true } : {}),
  }
  if (endpoint === 'chat') return { path: '/v1/chat/completions', body: { ...settings, messages: [{ role: 'user', content: prompt }] } }
  return { path: '/v1/completions', body: { ...settings, prompt, ...(typeof prompt === 'string' ? {} : { return_token_ids: true }) } }
}

/** Streams one answer and records the arrival time of each piece. @throws AppError with the server's message */
export async function sendRequest(
  target: BenchmarkTarget,
  request: BenchmarkRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<Arrivals> {
  const { path, body } = requestOf(request)
  const pieces: { atMs: number; tokens: number }[] = []
  let usage: z.infer<typeof Chunk>['usage'] = null
  const startMs = clock.now()
  for await (const payload of target.stream(path, body, signal)) {
    const atMs = clock.now()
    const { data: chunk } = Chunk.safeParse(payload)
    if (!chunk) throw new AppError('request-failed', "The server's stream does not follow OpenAI's API.")
    if (chunk.error !== undefined && chunk.error !== null)
      throw new AppError('request-failed', `The server ended the stream: ${describe(chunk.error)}`)
    usage = chunk.usage ?? usage
    const [choice] = chunk.choices ?? []
    const hasText = Boolean(choice?.text || choice?.delta?.content || choice?.delta?.reasoning_content)
    const tokens = choice?.token_ids?.length ?? (hasText ? 1 : 0)
    if (tokens > 0) pieces.push({ atMs, tokens })
  }
  return {
    startMs,
    endMs: clock.now(),
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
    pieces,
  }
}

function describe(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : JSON.stringify(error)
}
