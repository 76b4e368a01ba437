import type { FinishReason, InferencePart, InferenceRequest, TextToken } from '../../shared/inference/inference.ts'
import type { InferencePort } from '../api-dependencies.ts'

export type Script = (request: InferenceRequest, signal: AbortSignal) => AsyncIterable<InferencePart>

export interface ScriptedInference extends InferencePort {
  /** Every request received, in order. */
  readonly requests: InferenceRequest[]
  /** Requests whose iteration has not ended. */
  readonly open: Set<string>
}

/** Replaces the router: yields the parts of `script`, and ends as soon as its signal aborts. */
export function scriptedInference(script: Script): ScriptedInference {
  const requests: InferenceRequest[] = []
  const open = new Set<string>()
  return {
    requests,
    open,
    async *infer(request, signal) {
      requests.push(request)
      open.add(request.requestId)
      try {
        for await (const part of script(request, signal)) {
          signal.throwIfAborted()
          yield part
        }
      } finally {
        open.delete(request.requestId)
      }
    },
    cancel: (requestId) => open.has(requestId),
  }
}

export function textToken(text: string, tokenId: number, logprob: number | null = null): TextToken {
  const bytes = [...Buffer.from(text)]
  const top =
    logprob === null
      ? []
      : [
          { tokenId, text, bytes, logprob },
          { tokenId: tokenId + 1, text: '?', bytes: [63], logprob: logprob - 1 },
        ]
  return { tokenId, text, bytes, logprob, topLogprobs: top }
}

export function accepted(request: InferenceRequest): InferencePart {
  const { prompt } = request
  const promptText =
    prompt.kind === 'text' ? prompt.text : prompt.kind === 'messages' ? prompt.messages.map((message) => message.content).join('\n') : 'ids'
  const promptTokenIds = prompt.kind === 'token-ids' ? prompt.tokenIds : [...promptText].map((_, index) => index)
  return { type: 'accepted', modelId: `org/${request.model}`, promptTokenIds, promptText, seed: request.seed ?? '7' }
}

export function inferenceEnd(promptTokens: number, completionTokens: number): InferencePart {
  return {
    type: 'inference-end',
    usage: { promptTokens, completionTokens, cachedTokens: 1 },
    timings: { ttftMs: 5, queueMs: 1, prefillTokensPerSecond: 100, decodeTokensPerSecond: 50, totalMs: 20 },
  }
}

/** Gives the same words for every choice, one token each; logprobs if requested. */
export function sayWords(words: readonly string[], finishReason: FinishReason = 'stop'): Script {
  return async function* (request) {
    yield accepted(request)
    yield { type: 'prefill-progress', doneTokens: 1, totalTokens: 2 }
    const withLogprobs = request.topLogprobs !== null
    if (request.promptLogprobs) yield { type: 'prompt-tokens', tokens: [textToken('he', 1), textToken('y', 2, -0.5)] }
    const said = words.slice(0, request.maxTokens ?? words.length)
    for (let choiceIndex = 0; choiceIndex < request.choices; choiceIndex += 1) {
      for (const [index, word] of said.entries()) {
        yield { type: 'text-delta', choiceIndex, text: word, tokens: [textToken(word, 10 + index, withLogprobs ? -0.25 : null)] }
      }
      yield {
        type: 'choice-end',
        choiceIndex,
        finishReason: said.length < words.length ? 'length' : finishReason,
        stopString: null,
        completionTokens: said.length,
      }
    }
    yield inferenceEnd(3, said.length * request.choices)
  }
}

/** Waits until aborted, like an engine in a long prefill. */
export async function* waitForAbort(request: InferenceRequest, signal: AbortSignal): AsyncIterable<InferencePart> {
  yield accepted(request)
  await new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
