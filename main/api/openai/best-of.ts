import type { IndexedPart } from '../answer/running-requests.ts'

interface HeldChoice {
  readonly parts: IndexedPart[]
  logprob: number
  tokens: number
}

/**
 * For each prompt, the `count` choices with the most likely tokens on average, the best first. Parts that are not
 * choices pass through at once.
 */
export async function* bestOf(parts: AsyncIterable<IndexedPart>, count: number): AsyncGenerator<IndexedPart> {
  const held = new Map<number, Map<number, HeldChoice>>()
  for await (const indexed of parts) {
    const { part, promptIndex } = indexed
    if (part.type === 'text-delta' || part.type === 'choice-end') {
      const choices = held.get(promptIndex) ?? new Map<number, HeldChoice>()
      held.set(promptIndex, choices)
      const choice = choices.get(part.choiceIndex) ?? { parts: [], logprob: 0, tokens: 0 }
      choices.set(part.choiceIndex, choice)
      choice.parts.push(indexed)
      for (const { logprob } of part.type === 'text-delta' ? part.tokens : []) {
        choice.logprob += logprob ?? 0
        choice.tokens += 1
      }
      continue
    }
    if (part.type === 'inference-end') {
      yield* best([...(held.get(promptIndex)?.values() ?? [])], count)
      held.delete(promptIndex)
    }
    yield indexed
  }
}

function* best(choices: readonly HeldChoice[], count: number): Generator<IndexedPart> {
  const mean = ({ logprob, tokens }: HeldChoice): number => (tokens === 0 ? -Infinity : logprob / tokens)
  const chosen = choices.toSorted((left, right) => mean(right) - mean(left)).slice(0, count)
  for (const [choiceIndex, { parts }] of chosen.entries()) {
    for (const { promptIndex, part } of parts)
      if (part.type === 'text-delta' || part.type === 'choice-end') yield { promptIndex, part: { ...part, choiceIndex } }
  }
}
