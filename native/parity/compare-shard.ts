import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { GenerationSpec, type GenerationEvent } from '../../main/shared/inference/generation.ts'
import type { Shard } from '../index.ts'

/** What answers: a shard, or a group of ranks. */
type Generator = Pick<Shard, 'generate'>

const Answers = z.object({
  prompts: z.array(
    z.object({ prompt: z.array(z.int()), tokens: z.array(z.int()), logprobs: z.array(z.number()), prompt_logprobs: z.array(z.number()) }),
  ),
})
type Answer = z.infer<typeof Answers>['prompts'][number]

export interface Comparison {
  /** Prompts whose tokens all equal mlx-lm's. */
  readonly equalAnswers: number
  readonly answers: number
  /** Prompt tokens that came from the prefix cache. */
  readonly cachedTokens: number
  /** Largest difference of a logprob, of prompts and answers, over equal answers. */
  readonly worstLogprobDifference: number
}

/**
 * Runs all prompts of a model's answers.json at once, and compares what comes with mlx-lm's.
 *
 * @param promptLogprobs - a prompt that is scored takes nothing from the prefix cache
 */
export async function compareShard(shard: Generator, modelDir: string, promptLogprobs = true): Promise<Comparison> {
  const { prompts } = Answers.parse(JSON.parse(readFileSync(join(modelDir, 'answers.json'), 'utf8')))
  const compared = await Promise.all(prompts.map((answer, index) => compareAnswer(shard, answer, `answer-${index}`, promptLogprobs)))
  const equal = compared.flatMap(({ difference }) => (difference === null ? [] : [difference]))
  const cachedTokens = compared.reduce((sum, each) => sum + each.cachedTokens, 0)
  return { equalAnswers: equal.length, answers: prompts.length, cachedTokens, worstLogprobDifference: Math.max(0, ...equal) }
}

/** @returns the largest logprob difference, null when the tokens differ */
async function compareAnswer(
  shard: Generator,
  answer: Answer,
  generationId: string,
  promptLogprobs: boolean,
): Promise<{ difference: number | null; cachedTokens: number }> {
  const spec = GenerationSpec.parse({
    generationId,
    promptTokenIds: answer.prompt,
    maxTokens: answer.tokens.length,
    stopTokenIds: [],
    topLogprobs: 0,
    promptLogprobs,
    sampling: { temperature: 0, seed: '0' },
  })
  const events = await collectEvents(shard, spec)
  const drawn = events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))
  const prompt = events.flatMap((event) => (event.type === 'prompt-logprobs' ? event.tokens.slice(1) : []))
  const last = events.at(-1)
  const cachedTokens = last?.type === 'generation-end' ? last.timings.cachedTokens : 0
  if (drawn.length !== answer.tokens.length || drawn.some((token, index) => token.tokenId !== answer.tokens[index]))
    return { difference: null, cachedTokens }
  const differenceOf = (logprob: number | null, expected: number | undefined) =>
    Math.abs((logprob ?? Number.NaN) - (expected ?? Number.NaN))
  const difference = Math.max(
    ...drawn.map((token, index) => differenceOf(token.logprob, answer.logprobs[index])),
    ...prompt.map((token, index) => differenceOf(token.logprob, answer.prompt_logprobs[index])),
  )
  return { difference, cachedTokens }
}

/** All events of one generation. */
export function collectEvents(shard: Generator, spec: GenerationSpec): Promise<GenerationEvent[]> {
  return new Promise((resolve) => {
    const events: GenerationEvent[] = []
    shard.generate(spec, (event) => {
      events.push(event)
      if (event.type === 'generation-end' || event.type === 'generation-error') resolve(events)
    })
  })
}
