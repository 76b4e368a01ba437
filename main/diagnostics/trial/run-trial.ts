import type { Clock } from '../../platform/clock.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { withinTime } from '../../platform/waiting/within-time.ts'
import { type Check, checkOf } from '../check.ts'
import type { TrialAnswer, TrialNode, TrialSplit } from './trial-node.ts'

/** A small model loads and answers within this even on a slow machine. */
const LIMIT_MS = 180_000
const PROMPT = 'Once upon a time, in a machine room,'
/** About 3,000 tokens: several chunks of a prompt. */
const LONG_PROMPT = `${'The heron left Lisbon at noon, and the badger painted a door. '.repeat(210)}\nIn short,`
const ANSWER_TOKENS = 32
const TOGETHER = 4

export interface TrialDependencies {
  readonly node: TrialNode
  readonly clock: Clock
  /** The model to try, small enough for every machine. */
  readonly modelId: string
}

/**
 * `exo doctor --full`: loads a model, asks it, and splits it over the machines of the cluster in every way that is
 * possible. Each finding passes or fails. Instances of the model that were loaded before are loaded again afterwards.
 */
export async function runTrial({ node, clock, modelId }: TrialDependencies, signal: AbortSignal): Promise<Check[]> {
  const checks: Check[] = []
  /** @returns null if the step failed, which is then among the checks */
  async function step<Value>(
    id: string,
    title: string,
    act: (until: AbortSignal) => Promise<[Value, string | Check]>,
  ): Promise<Value | null> {
    const { ok, problem } = checkOf(`trial-${id}`, title)
    try {
      const late = (): AppError => new AppError('doctor-late', `no answer within ${LIMIT_MS / 1000} s`)
      const [value, found] = await withinTime(act, LIMIT_MS, late, clock, signal)
      checks.push(typeof found === 'string' ? ok(found) : found)
      return value
    } catch (error) {
      if (signal.aborted) throw error
      checks.push(problem(errorMessage(error), 'Send the report to the developers, with the log of the node.'))
      return null
    }
  }
  const ask = (prompt: string, until: AbortSignal): Promise<TrialAnswer> => node.complete(modelId, prompt, ANSWER_TOKENS, until)
  const expectSame = (text: string, expected: string): void => {
    if (text !== expected)
      throw new AppError('request-failed', `the text differs: ${JSON.stringify(text)} instead of ${JSON.stringify(expected)}`)
  }

  const first = await step('answer', 'Answer', async (until) => {
    await node.unload(modelId, until)
    const answer = await ask(PROMPT, until)
    if (answer.text.trim() === '') throw new AppError('request-failed', 'the answer is empty')
    return [answer, `${modelId} answers with ${rate(answer.decodeTokensPerSecond)}`]
  })
  if (first === null) return checks
  await step('repeat', 'Same question', async (until) => {
    expectSame((await ask(PROMPT, until)).text, first.text)
    return [null, 'the same question has the same answer']
  })
  await step('together', 'Several at once', async (until) => {
    const answers = await Promise.all(Array.from({ length: TOGETHER }, () => ask(PROMPT, until)))
    for (const { text } of answers) expectSame(text, first.text)
    return [null, `${TOGETHER} requests at once have the answer of one`]
  })
  const long = await step('long-prompt', 'Long prompt', async (until) => {
    const answer = await ask(LONG_PROMPT, until)
    return [answer, `${answer.promptTokens} tokens of prompt are read with ${rate(answer.prefillTokensPerSecond)}`]
  })
  await step('prefix-cache', 'Known prompt', async (until) => {
    const again = await ask(LONG_PROMPT, until)
    if (long) expectSame(again.text, long.text)
    if (again.cachedTokens === 0)
      throw new AppError('request-failed', 'the prompt was computed again instead of being taken from the cache')
    return [null, `${again.cachedTokens} of its tokens come from the cache the second time`]
  })
  const splits = await step('splits', 'Ways to split', async (until) => {
    const found = widest(await node.splits(modelId, until))
    const machines = Object.keys((await node.view(until)).nodes).length
    if (machines > 1 && found.length === 0)
      throw new AppError('request-failed', `there are ${machines} machines, and the model cannot be split over them`)
    return [found, found.length === 0 ? 'one machine: nothing to split' : found.map(nameOf).join(', ')]
  })
  for (const split of splits ?? []) {
    await step(`split-${split.strategy}-${split.backend}`, 'Split model', async (until) => {
      await node.unload(modelId, until)
      await node.load(modelId, split, until)
      const answer = await ask(PROMPT, until)
      const { ok, warning } = checkOf(`trial-split-${split.strategy}-${split.backend}`, 'Split model')
      const found = `${nameOf(split)}: ${rate(answer.decodeTokensPerSecond)}`
      // Sums in another order may swap two almost equally likely tokens.
      return [
        null,
        answer.text === first.text ? ok(`${found}, the answer of one machine`) : warning(`${found}, another answer than on one machine`),
      ]
    })
  }
  if (splits && splits.length > 0)
    await step('restore', 'Model loaded again', async (until) => {
      await node.unload(modelId, until)
      expectSame((await ask(PROMPT, until)).text, first.text)
      return [null, 'the model is on one machine again']
    })
  return checks
}

const rate = (tokensPerSecond: number): string => `${tokensPerSecond.toFixed(1)} tokens/s`

const nameOf = ({ strategy, backend, nodes }: TrialSplit): string =>
  `${strategy} over ${nodes} machines by ${backend === 'jaccl' ? 'RDMA' : 'TCP'}`

/** Of each strategy and backend, the way with the most machines. */
function widest(splits: readonly TrialSplit[]): TrialSplit[] {
  const found = new Map<string, TrialSplit>()
  for (const split of splits) {
    const key = `${split.strategy} ${split.backend}`
    if (split.nodes > Math.max(1, found.get(key)?.nodes ?? 0)) found.set(key, split)
  }
  return [...found.values()]
}
