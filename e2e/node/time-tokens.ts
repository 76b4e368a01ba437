import { stream } from './call-api.ts'

/** A streamed completion with the arrival times of its tokens, in milliseconds of this process's clock. */
export interface TimedAnswer {
  readonly startMs: number
  readonly tokenMs: readonly number[]
  readonly tokenIds: readonly number[]
  readonly cachedTokens: number
}

/** @param body - of `/v1/completions`, without its streaming options */
export async function timeTokens(
  apiUrl: string,
  body: Record<string, unknown>,
  signal?: AbortSignal,
  onToken?: () => void,
): Promise<TimedAnswer> {
  const startMs = performance.now()
  const tokenMs: number[] = []
  const tokenIds: number[] = []
  let cachedTokens = 0
  const request = { ...body, return_token_ids: true, stream: true, stream_options: { include_usage: true } }
  for await (const chunk of stream(apiUrl, '/v1/completions', request, signal)) {
    if (chunk.error) throw new Error(JSON.stringify(chunk.error))
    cachedTokens = chunk.usage?.prompt_tokens_details?.cached_tokens ?? cachedTokens
    for (const tokenId of chunk.choices?.[0]?.token_ids ?? []) {
      tokenMs.push(performance.now())
      tokenIds.push(tokenId)
      onToken?.()
    }
  }
  return { startMs, tokenMs, tokenIds, cachedTokens }
}

export const ttftMs = ({ startMs, tokenMs }: TimedAnswer): number => (tokenMs[0] ?? Infinity) - startMs

/** The pauses between tokens within a time span. */
export function pausesMs({ tokenMs }: TimedAnswer, fromMs: number, toMs: number): number[] {
  const within = tokenMs.filter((ms) => ms >= fromMs && ms <= toMs)
  return within.slice(1).map((ms, index) => ms - (within[index] ?? ms))
}

export const longestPauseMs = (answer: TimedAnswer, fromMs: number, toMs: number): number => Math.max(0, ...pausesMs(answer, fromMs, toMs))
