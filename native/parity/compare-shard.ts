import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { GenerationSpec, type GenerationEvent } from '../../main/shared/inference/generation.ts'
import type { Shard } from '../index.ts'

/** A shard or a group of ranks. */
type Generator = Pick<Shard, 'generate'>

const Answers = z.object({
  prompts: z.array(
    z.object({
      prompt: z.array(z.int()),
      tokens: z.array(z.int()),
      logprobs: z.array(z.number()),
      prompt_logprobs: z.array(z.number()),
      seconds: z.array(z.object({ token: z.int(), gap: z.number() })),
    }),
  ),
})
type Answer = z.infer<typeof Answers>['prompts'][number]

export interface Comparison {
  /** The number of prompts whose tokens all equal mlx-lm's, up to a tie. */
  readonly equalAnswers: number
  /** The number of these that diverge from mlx-lm's at a tie. */
  readonly ties: number
  readonly answers: number
  /** Prompt tokens that were taken from the prefix cache. */
  readonly cachedTokens: number
  /** The largest difference of a logprob in prompts and answers, over equal answers. */
  readonly worstLogprobDifference: number
}

export interface AnswerOptions {
  readonly answersFile?: 'answers.json' | 'answers-as-stored.json'
  /** Scores the prompt, which then does not use the prefix cache. */
  readonly promptLogprobs?: boolean
  /**
   * If two logits are no further apart than this, rounding decides: an answer may take the second best token and is compared up to it.
   */
  readonly tieGap?: number
}

/** Runs all prompts of a model at once and compares the answers with mlx-lm's. */
export async function compareShard(shard: Generator, modelDir: string, options: AnswerOptions = {}): Promise<Comparison> {
  const { answersFile = 'answers.json', promptLogprobs = true, tieGap = 0 } = options
  const { prompts } = Answers.parse(JSON.parse(readFileSync(join(modelDir, answersFile), 'utf8')))
  const compared = await Promise.all(
    prompts.map((answer, index) => compareAnswer(shard, answer, `answer-${index}`, { promptLogprobs, tieGap })),
  )
  const equal = compared.flatMap(({ difference }) => (difference === null ? [] : [difference]))
  const cachedTokens = compared.reduce((sum, each) => sum + each.cachedTokens, 0)
  const ties = compared.filter(({ isTied }) => isTied).length
  return { equalAnswers: equal.length, answers: prompts.length, ties, cachedTokens, worstLogprobDifference: Math.max(0, ...equal) }
}

interface ComparedAnswer {
  /** The largest difference of a logprob; null if the tokens differ. */
  readonly difference: number | null
  readonly isTied: boolean
  readonly cachedTokens: number
}

async function compareAnswer(
  shard: Generator,
  answer: Answer,
  generationId: string,
  { promptLogprobs, tieGap }: Required<Pick<AnswerOptions, 'promptLogprobs' | 'tieGap'>>,
): Promise<ComparedAnswer> {
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
  const parting = drawn.findIndex((token, index) => token.tokenId !== answer.tokens[index])
  const second = answer.seconds[parting]
  const isTied = second !== undefined && second.token === drawn[parting]?.tokenId && second.gap <= tieGap
  if (drawn.length !== answer.tokens.length || (parting >= 0 && !isTied)) return { difference: null, isTied: false, cachedTokens }
  const alike = isTied ? drawn.slice(0, parting) : drawn
  const differenceOf = (logprob: number | null, expected: number | undefined) =>
    Math.abs((logprob ?? Number.NaN) - (expected ?? Number.NaN))
  const difference = Math.max(
    0,
    ...alike.map((token, index) => differenceOf(token.logprob, answer.logprobs[index])),
    ...prompt.map((token, index) => differenceOf(token.logprob, answer.prompt_logprobs[index])),
  )
  return { difference, isTied, cachedTokens }
}

/** How far the scores of prompts are from those that mlx-lm computes in float32, on average. */
export interface StoredError {
  readonly ours: number
  /** Of mlx-lm, in the stored type too. */
  readonly mlxLm: number
  readonly tokens: number
}

/**
 * Scores all prompts of a model whose routers rounding decides, so that two right computations in bfloat16 differ as much as each of
 * them differs from float32.
 */
export async function measureStoredError(shard: Generator, modelDir: string): Promise<StoredError> {
  const read = (file: string): Answer[] => Answers.parse(JSON.parse(readFileSync(join(modelDir, file), 'utf8'))).prompts
  const [exact, stored] = [read('answers.json'), read('answers-as-stored.json')]
  const errors = { ours: 0, mlxLm: 0 }
  let tokens = 0
  for (const [index, answer] of exact.entries()) {
    const sampling = { temperature: 0, seed: '0' }
    const spec = {
      generationId: `scored-${index}`,
      promptTokenIds: answer.prompt,
      maxTokens: 1,
      stopTokenIds: [],
      promptLogprobs: true,
      sampling,
    }
    const events = await collectEvents(shard, GenerationSpec.parse(spec))
    const scored = events.flatMap((event) => (event.type === 'prompt-logprobs' ? event.tokens.slice(1) : []))
    for (const [place, logprob] of answer.prompt_logprobs.entries()) {
      errors.ours += Math.abs((scored[place]?.logprob ?? Number.NaN) - logprob)
      errors.mlxLm += Math.abs((stored[index]?.prompt_logprobs[place] ?? Number.NaN) - logprob)
      tokens += 1
    }
  }
  return { ours: errors.ours / tokens, mlxLm: errors.mlxLm / tokens, tokens }
}

/** Collects all events of one generation. */
export function collectEvents(shard: Generator, spec: GenerationSpec): Promise<GenerationEvent[]> {
  return new Promise((resolve) => {
    const events: GenerationEvent[] = []
    shard.generate(spec, (event) => {
      events.push(event)
      if (event.type === 'generation-end' || event.type === 'generation-error') resolve(events)
    })
  })
}
