import { stream } from '../node/call-api.ts'

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
  /** Between two parts, after the first. */
  readonly longestGapMs: number
}

/** Streams an answer. Rejects when the stream has an error in it or ends without saying why. */
export async function ask(apiUrl: string, model: string, { prompt, temperature, maxTokens = 48, seed = 7 }: Question, onToken: (count: number) => void = () => undefined): Promise<StreamedAnswer> {
  let text = ''
  let tokens = 0
  let finishReason: string | null = null
  let longestGapMs = 0
  let lastMs: number | null = null
  const body = { model, prompt, temperature, seed, max_tokens: maxTokens, ignore_eos: true, stream: true }
  for await (const part of stream(apiUrl, '/v1/completions', body)) {
    if (part.error) throw new Error(`the answer broke off after ${tokens} tokens: ${JSON.stringify(part.error)}`)
    const [choice] = part.choices
    if (!choice) continue
    text += choice.text
    finishReason = choice.finish_reason ?? finishReason
    if (choice.finish_reason) continue
    const nowMs = performance.now()
    if (lastMs !== null) longestGapMs = Math.max(longestGapMs, nowMs - lastMs)
    lastMs = nowMs
    onToken((tokens += 1))
  }
  if (finishReason === null) throw new Error(`the answer broke off after ${tokens} tokens: ${text}`)
  return { text, tokens, finishReason, longestGapMs }
}
