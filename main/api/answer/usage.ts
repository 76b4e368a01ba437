import type { InferenceTimings, Usage } from '../../shared/inference/inference.ts'
import type { LlamaTimings, WireTimings, WireUsage } from '../../shared/wire/api/openai.ts'

/** Usage and timings of one prompt's inference. */
export interface InferenceSummary {
  readonly usage: Usage
  readonly timings: InferenceTimings
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** @param reasoningTokens - number of reasoning tokens in the answer; omitted if they cannot be told apart */
export function toWireUsage(summaries: readonly InferenceSummary[], reasoningTokens?: number): WireUsage {
  const promptTokens = sum(summaries.map(({ usage }) => usage.promptTokens))
  const completionTokens = sum(summaries.map(({ usage }) => usage.completionTokens))
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: sum(summaries.map(({ usage }) => usage.cachedTokens)) },
    ...(reasoningTokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }
}

/** Total tokens divided by the total time, over all prompts that have a rate; 0 if none has. */
function meanRate(pairs: readonly (readonly [tokens: number, tokensPerSecond: number])[]): number {
  const measured = pairs.filter(([tokens, tokensPerSecond]) => tokens > 0 && tokensPerSecond > 0)
  const seconds = sum(measured.map(([tokens, tokensPerSecond]) => tokens / tokensPerSecond))
  return seconds === 0 ? 0 : sum(measured.map(([tokens]) => tokens)) / seconds
}

/** The same in llama.cpp's names: the tokens of all prompts, and the rate of a single one. */
export function toLlamaTimings(summaries: readonly InferenceSummary[]): LlamaTimings {
  const cached = sum(summaries.map(({ usage }) => usage.cachedTokens))
  const prompt = sum(summaries.map(({ usage }) => usage.promptTokens)) - cached
  const predicted = sum(summaries.map(({ usage }) => usage.completionTokens))
  const promptMs = Math.max(0, ...summaries.map(({ timings }) => timings.ttftMs))
  const predictedMs = Math.max(0, ...summaries.map(({ timings }) => timings.totalMs - timings.ttftMs))
  return {
    cache_n: cached,
    prompt_n: prompt,
    prompt_ms: promptMs,
    prompt_per_token_ms: prompt === 0 ? 0 : promptMs / prompt,
    prompt_per_second: prefillRate(summaries),
    predicted_n: predicted,
    predicted_ms: predictedMs,
    predicted_per_token_ms: predicted === 0 ? 0 : predictedMs / predicted,
    predicted_per_second: decodeRate(summaries),
  }
}

function prefillRate(summaries: readonly InferenceSummary[]): number {
  const [only] = summaries
  if (only && summaries.length === 1) return only.timings.prefillTokensPerSecond
  return meanRate(summaries.map(({ usage, timings }) => [usage.promptTokens - usage.cachedTokens, timings.prefillTokensPerSecond]))
}

function decodeRate(summaries: readonly InferenceSummary[]): number {
  const [only] = summaries
  if (only && summaries.length === 1) return only.timings.decodeTokensPerSecond
  return meanRate(summaries.map(({ usage, timings }) => [usage.completionTokens, timings.decodeTokensPerSecond]))
}

/** Timings over several prompts: the longest waits, and the average rate of a single prompt. */
export function toWireTimings(summaries: readonly InferenceSummary[]): WireTimings {
  const longest = (select: (timings: InferenceTimings) => number): number => Math.max(0, ...summaries.map(({ timings }) => select(timings)))
  const drafts = summaries.flatMap(({ timings: { draft } }) => draft ?? [])
  return {
    ttft_ms: longest((timings) => timings.ttftMs),
    queue_ms: longest((timings) => timings.queueMs),
    prefill_tokens_per_second: prefillRate(summaries),
    decode_tokens_per_second: decodeRate(summaries),
    total_ms: longest((timings) => timings.totalMs),
    ...toLlamaTimings(summaries),
    ...(drafts.length > 0
      ? {
          draft: {
            proposed_tokens: sum(drafts.map((draft) => draft.proposedTokens)),
            accepted_tokens: sum(drafts.map((draft) => draft.acceptedTokens)),
          },
        }
      : {}),
  }
}
