import { type ContestantFigures } from './compare-contestants.ts'
import type { Contestant } from './contestant.ts'
import { measureRun, type RunFigures } from '../measure-run.ts'
import { randomPrompt } from '../random-prompt.ts'

export interface ComparisonOptions {
  readonly rounds: number
  readonly promptTokens: number
  readonly maxTokens: number
  readonly vocabSize: number
}

/** Runs both alternately (A B A B), with a new prompt for each round, after one warm-up each that does not count. */
export async function runComparison(
  contestants: readonly [Contestant, Contestant],
  options: ComparisonOptions,
  onRun: (name: string, figures: RunFigures) => void,
): Promise<[ContestantFigures, ContestantFigures]> {
  const runs: [RunFigures[], RunFigures[]] = [[], []]
  for (let round = 0; round <= options.rounds; round += 1) {
    const promptTokenIds = randomPrompt(round, options.promptTokens, options.vocabSize)
    for (const [place, contestant] of contestants.entries()) {
      const figures = measureRun(await contestant.run({ promptTokenIds, maxTokens: options.maxTokens }))
      if (round === 0) continue
      runs[place]?.push(figures)
      onRun(contestant.name, figures)
    }
  }
  return [
    { runs: runs[0], peakMemoryBytes: contestants[0].peakMemoryBytes() },
    { runs: runs[1], peakMemoryBytes: contestants[1].peakMemoryBytes() },
  ]
}
