import { stream } from '../../node/call-api.ts'

export interface Question {
  readonly prompt: string
  readonly temperature: number
  readonly maxTokens?: number
  readonly seed?: number
}

export interface StreamedAnswer {
  readonly text: string
  readonly tokens: number
  readonly finishReason: string | null
  /** The longest time between two parts, after the first. */
  readonly longestGapMs: number
}

/**
 * Streams an answer. A part is usually one token, or several if the reader is late. Rejects if the stream contains an error or ends
 * without a finish reason.
 */
export async function ask(
  apiUrl: string,
  model: string,
  { prompt, temperature, maxTokens = 48, seed = 7 }: Question,
  onPart: (count: number) => void = () => undefined,
): Promise<StreamedAnswer> {
  let text = ''
  let tokens = 0
  let parts = 0
  let finishReason: string | null = null
  let longestGapMs = 0
  let lastMs: number | null = null
  // Sampling over all tokens, regardless of the model card's settings, makes equal texts a stronger proof.
  const body = {
    model,
    prompt,
    temperature,
    top_p: 1,
    seed,
    max_tokens: maxTokens,
    ignore_eos: true,
    stream: true,
    stream_options: { include_usage: true },
  }
  for await (const part of stream(apiUrl, '/v1/completions', body)) {
    if (part.error) throw new Error(`the answer broke off after ${parts} parts: ${JSON.stringify(part.error)}`)
    tokens = part.usage?.completion_tokens ?? tokens
    const [choice] = part.choices
    if (!choice) continue
    text += choice.text
    finishReason = choice.finish_reason ?? finishReason
    if (choice.finish_reason) continue
    const nowMs = performance.now()
    if (lastMs !== null) longestGapMs = Math.max(longestGapMs, nowMs - lastMs)
    lastMs = nowMs
    onPart((parts += 1))
  }
  if (finishReason === null) throw new Error(`the answer broke off after ${parts} parts: ${text}`)
  return { text, tokens, finishReason, longestGapMs }
}
