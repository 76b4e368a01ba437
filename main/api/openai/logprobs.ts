import type { TextToken } from '../../shared/inference/inference.ts'
import type { ChatLogprobs } from '../../shared/wire/api/openai.ts'
import type { CompletionLogprobs } from '../../shared/wire/api/openai-completions.ts'

/** Those of the content: the token that ends an answer is no part of it. */
export function toChatLogprobs(tokens: readonly TextToken[]): ChatLogprobs {
  const shown = tokens.filter((token) => token.isHidden !== true)
  return {
    content: shown.map((token) => ({
      token: token.text,
      logprob: token.logprob ?? 0,
      bytes: [...token.bytes],
      top_logprobs: token.topLogprobs.map(({ text, logprob, bytes }) => ({ token: text, logprob, bytes: [...bytes] })),
    })),
    refusal: null,
  }
}

/** A token's text; a token that is part of a character is written in OpenAI's notation: `bytes:\xe2\x80`. */
function tokenName(token: { readonly text: string; readonly bytes: readonly number[] }): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(token.bytes))
  } catch {
    return `bytes:${token.bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`
  }
}

/** The number of UTF-16 units of the characters that start in these bytes: a character split over tokens counts once, in the first. */
export function textUnits(bytes: readonly number[]): number {
  return bytes.reduce((units, byte) => units + (byte >= 0xf0 ? 2 : byte >= 0xc0 || byte < 0x80 ? 1 : 0), 0)
}

/** @param textStart - position in the choice's text where the first token starts */
export function toCompletionLogprobs(tokens: readonly TextToken[], textStart: number): CompletionLogprobs {
  let offset = textStart
  const textOffset = tokens.map((token) => {
    const start = offset
    offset += textUnits(token.bytes)
    return start
  })
  return {
    tokens: tokens.map(tokenName),
    token_logprobs: tokens.map((token) => token.logprob),
    top_logprobs: tokens.map((token) =>
      token.logprob === null
        ? null
        : Object.fromEntries([
            ...token.topLogprobs.map((top) => [tokenName(top), top.logprob] as const),
            [tokenName(token), token.logprob] as const,
          ]),
    ),
    text_offset: textOffset,
  }
}
