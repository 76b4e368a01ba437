import { type ComparisonRow, medianOfRuns } from './compare-contestants.ts'
import { type AnswerServer, MOST_MEASURED_STREAMS, measureAnswers } from './measure-answers.ts'

export interface ServingOptions {
  readonly rounds: number
  readonly maxTokens: number
}

/** Measures answers for one client and for eight at once, alternating between the servers (A B A B), after one warm-up each. */
export async function compareServing(
  exo: AnswerServer,
  peer: AnswerServer,
  { rounds, maxTokens }: ServingOptions,
  onRun: (name: string, streams: number, tokensPerSecond: number) => void,
): Promise<ComparisonRow[]> {
  for (const server of [exo, peer]) await measureAnswers(server, 1, 8)
  const rows: ComparisonRow[] = []
  for (const streams of [1, MOST_MEASURED_STREAMS]) {
    const rates: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      for (const [place, server] of [exo, peer].entries()) {
        const rate = await measureAnswers(server, streams, maxTokens)
        rates[place]?.push(rate)
        onRun(server.name, streams, rate)
      }
    }
    const [ours, theirs] = [medianOfRuns(rates[0]), medianOfRuns(rates[1])]
    rows.push({ figure: `answers, ${streams} at once, tokens/s`, exo: ours, peer: theirs, advantageRatio: ours / theirs })
  }
  return rows
}
