import { type ComparisonRow, compareContestants } from './compare-contestants.ts'
import type { Contestant } from './contestant.ts'
import { runComparison } from './run-comparison.ts'
import type { RunFigures } from '../measure-run.ts'

/** Prompts after which decoding is measured, in tokens. The first is hardly any context. */
const CONTEXTS = [64, 2_000, 7_000, 16_000] as const

export interface ContextOptions {
  readonly rounds: number
  readonly maxTokens: number
  readonly vocabSize: number
  /** The model's context; longer prompts are left out. */
  readonly contextTokens: number
}

/** Prefill and decode of two contestants after prompts of several lengths. */
export async function compareContexts(
  contestants: readonly [Contestant, Contestant],
  { contextTokens, ...options }: ContextOptions,
  onRun: (name: string, promptTokens: number, figures: RunFigures) => void,
): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = []
  for (const promptTokens of CONTEXTS.filter((tokens) => tokens + options.maxTokens <= contextTokens)) {
    const [ours, theirs] = await runComparison(contestants, { ...options, promptTokens }, (name, figures) =>
      onRun(name, promptTokens, figures),
    )
    const found = compareContestants(ours, theirs).filter(({ figure }) => figure.endsWith('PerSecond'))
    rows.push(...found.map((row) => ({ ...row, figure: `${row.figure} at ${promptTokens}` })))
  }
  return rows
}
