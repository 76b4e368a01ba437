import { AppError } from '../../shared/app-error.ts'
import type { InferencePart, TextToken } from '../../shared/inference/inference.ts'
import type { TgiAnswer, TgiDetails, TgiEvent, TgiToken } from '../../shared/wire/api/tgi.ts'

export interface TgiAnswerOptions {
  readonly withPrompt: boolean
  readonly withDetails: boolean
  readonly withTopTokens: boolean
  /** The seed that the client gave. */
  readonly seed: number | null
}

type ChoiceEnd = Extract<InferencePart, { type: 'choice-end' }>

/** The end of an answer, which TGI tells as a token: the stop string, which belongs to the answer there, or a special one. */
const endToken = (stop: string): TgiToken => ({ id: 0, text: stop, logprob: 0, special: stop === '' })

function toToken({ tokenId, text, logprob }: { tokenId: number; text: string; logprob: number | null }): TgiToken {
  return { id: tokenId, text, logprob: logprob ?? 0, special: false }
}

/** The tokens of a piece. If a character is split over several, the last of them has the whole text. */
function tokensOf(text: string, tokens: readonly TextToken[]): TgiToken[] {
  const told = tokens.map(toToken)
  if (told.map((token) => token.text).join('') === text) return told
  return told.map((token, index) => ({ ...token, text: index === told.length - 1 ? text : '' }))
}

function reasonOf({ finishReason, stopString }: ChoiceEnd): TgiDetails['finish_reason'] {
  if (finishReason === 'length') return 'length'
  return stopString === null ? 'eos_token' : 'stop_sequence'
}

/** Follows the parts of one answer. */
class TgiFold {
  readonly tokens: TgiToken[] = []
  readonly topTokens: TgiToken[][] = []
  readonly prefill: TgiDetails['prefill'] = []
  text = ''
  inputLength = 0
  end: ChoiceEnd | null = null
  private readonly options: TgiAnswerOptions

  constructor(options: TgiAnswerOptions) {
    this.options = options
  }

  /** @returns the events of the part's tokens */
  add(part: InferencePart): TgiEvent[] {
    if (part.type === 'accepted') {
      this.inputLength = part.promptTokenIds.length
      if (this.options.withPrompt) this.text = part.promptText
    }
    if (part.type === 'prompt-tokens')
      this.prefill.push(...part.tokens.map(({ tokenId, text, logprob }) => ({ id: tokenId, text, logprob })))
    if (part.type === 'choice-end') {
      this.end = part
      this.text += part.stopString ?? ''
    }
    if (part.type !== 'text-delta') return []
    this.text += part.text
    const top = part.tokens.map(({ topLogprobs }) => topLogprobs.map(toToken))
    this.topTokens.push(...top)
    return tokensOf(part.text, part.tokens).map((token, index) => {
      this.tokens.push(token)
      const topTokens = this.options.withTopTokens ? { top_tokens: top[index] ?? [] } : {}
      return { index: this.tokens.length, token, ...topTokens, generated_text: null, details: null }
    })
  }

  get ending(): Pick<TgiDetails, 'finish_reason' | 'generated_tokens' | 'seed'> {
    if (!this.end) throw new AppError('instance-failed', 'The answer ended early.')
    return { finish_reason: reasonOf(this.end), generated_tokens: this.end.completionTokens, seed: this.options.seed }
  }

  get answer(): TgiAnswer {
    if (!this.options.withDetails) return { generated_text: this.text }
    const topTokens = this.options.withTopTokens ? { top_tokens: this.topTokens } : {}
    return { generated_text: this.text, details: { ...this.ending, prefill: this.prefill, tokens: this.tokens, ...topTokens } }
  }

  get last(): TgiEvent {
    return {
      index: this.tokens.length + 1,
      token: endToken(this.end?.stopString ?? ''),
      generated_text: this.text,
      details: { ...this.ending, input_length: this.inputLength },
    }
  }
}

/** An event per token, and one with the whole text. */
export async function* toTgiEvents(parts: AsyncIterable<InferencePart>, options: TgiAnswerOptions): AsyncGenerator<TgiEvent> {
  const fold = new TgiFold(options)
  for await (const part of parts) yield* fold.add(part)
  yield fold.last
}

export async function collectTgi(parts: AsyncIterable<InferencePart>, options: TgiAnswerOptions): Promise<TgiAnswer> {
  const fold = new TgiFold(options)
  for await (const part of parts) fold.add(part)
  return fold.answer
}
