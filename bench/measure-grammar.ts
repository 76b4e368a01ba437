import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { readApiSchemas } from '../main/domain/generation/form/__fixtures__/api-schemas.ts'
import { AppError } from '../main/shared/app-error.ts'
import { medianOfRuns } from './contestants/compare-contestants.ts'
import { startExoContestant } from './contestants/exo-contestant.ts'

const TOOLS = 30
const SEEN_ROUNDS = 5
const SUBJECTS = ['rivers', 'engines', 'bread', 'the moon', 'glass', 'trade', 'bees', 'maps'] as const
const Answer = z.object({ usage: z.object({ completion_tokens: z.int().min(1) }) })

/** A long list, so that an answer is as long as a free one. */
const SCHEMA = {
  type: 'object',
  properties: {
    facts: {
      type: 'array',
      minItems: 40,
      items: {
        type: 'object',
        properties: { statement_of_fact: { type: 'string', maxLength: 100 }, is_well_known: { type: 'boolean' } },
        required: ['statement_of_fact', 'is_well_known'],
        additionalProperties: false,
      },
    },
  },
  required: ['facts'],
  additionalProperties: false,
}
const FORM = { response_format: { type: 'json_schema', json_schema: { name: 'facts', strict: true, schema: SCHEMA } } }

/** What grammars cost. */
export interface GrammarCost {
  /** The tokens per second of eight answers, half of them with a schema, over those of eight free ones: the median of pairs. */
  readonly rateRatio: number
  /** How much later the first token of a call of thirty tools comes than without a grammar. */
  readonly unseenMs: number
  readonly seenMs: number
}

/** @param pairs - runs with and without schemas, in turn */
export async function measureGrammar(
  launcher: string,
  modelDir: string,
  dataDir: string,
  pairs: number,
  maxTokens: number,
): Promise<GrammarCost> {
  const { apiUrl, modelId, stop } = await startExoContestant(launcher, modelDir, dataDir)
  const ask = async (path: string, body: object): Promise<{ readonly ms: number; readonly tokens: number }> => {
    const begunMs = performance.now()
    const response = await fetch(`${apiUrl}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: modelId, temperature: 0, ...body }),
    })
    if (!response.ok) throw new AppError('run-failed', `The node answered ${response.status}: ${await response.text()}`)
    const tokens = Answer.parse(await response.json()).usage.completion_tokens
    return { ms: performance.now() - begunMs, tokens }
  }
  const rateOf = async (forms: readonly object[]): Promise<number> => {
    const begunMs = performance.now()
    const answers = await Promise.all(
      SUBJECTS.map((subject, index) => {
        // No chat, where the schema would be a part of the prompt and cost what its tokens cost.
        const prompt = `All facts about ${subject}, as JSON:`
        return ask('completions', { prompt, max_tokens: maxTokens, ignore_eos: true, ...forms[index % forms.length] })
      }),
    )
    return (answers.reduce((sum, { tokens }) => sum + tokens, 0) * 1000) / (performance.now() - begunMs)
  }
  try {
    const calls = await measureCalls((body) => ask('chat/completions', body))
    await rateOf([{}, FORM])
    const ratios: number[] = []
    for (let pair = 0; pair < pairs; pair += 1) {
      const free = await rateOf([{}])
      ratios.push((await rateOf([{}, FORM])) / free)
    }
    return { rateRatio: medianOfRuns(ratios), ...calls }
  } finally {
    await stop()
  }
}

async function measureCalls(ask: (body: object) => Promise<{ readonly ms: number }>): Promise<Omit<GrammarCost, 'rateRatio'>> {
  const file = new URL('../main/domain/generation/form/__fixtures__/api-schemas.txt', import.meta.url)
  const schemas = readApiSchemas(await readFile(file, 'utf8')).slice(0, TOOLS)
  const bodyOf = (strict: boolean): object => ({
    messages: [{ role: 'user', content: 'Call a tool.' }],
    max_tokens: 1,
    tools: schemas.map(([name, parameters]) => ({
      type: 'function',
      function: { name: name.replaceAll(/[^A-Za-z0-9]/g, '_'), parameters, ...(strict ? { strict } : {}) },
    })),
  })
  const free: number[] = []
  // The first one fills the prefix cache.
  for (let round = 0; round <= SEEN_ROUNDS; round += 1) free.push((await ask(bodyOf(false))).ms)
  const unseen = (await ask(bodyOf(true))).ms
  const seen: number[] = []
  for (let round = 0; round < SEEN_ROUNDS; round += 1) seen.push((await ask(bodyOf(true))).ms)
  const freeMs = medianOfRuns(free.slice(1))
  return { unseenMs: unseen - freeMs, seenMs: medianOfRuns(seen) - freeMs }
}

export function formatGrammarCost(title: string, { rateRatio, unseenMs, seenMs }: GrammarCost): string {
  return (
    `${title}: eight answers, half of them with a schema: ${rateRatio.toFixed(3)} of the tokens per second of free ones\n` +
    `  the first token of a call of ${TOOLS} tools: ${unseenMs.toFixed(1)} ms later with a grammar that is new, ` +
    `${seenMs.toFixed(1)} ms with one that is known`
  )
}
