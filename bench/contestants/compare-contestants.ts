import { median } from '../../main/benchmark/statistics.ts'
import type { RunFigures } from '../measure-run.ts'

export interface ContestantFigures {
  readonly runs: readonly RunFigures[]
  readonly peakMemoryBytes: number
}

/** The medians of both contestants and the factor by which ours is better: faster, sooner or smaller. */
export interface ComparisonRow {
  readonly figure: string
  readonly exo: number
  readonly peer: number
  readonly advantageRatio: number
}

/** NaN if there are no runs. */
export const medianOfRuns = (values: readonly number[]): number => median(values) ?? NaN

export function compareContestants(exo: ContestantFigures, peer: ContestantFigures): ComparisonRow[] {
  const more = (figure: string, pick: (run: RunFigures) => number): ComparisonRow => {
    const [ours, theirs] = [medianOfRuns(exo.runs.map(pick)), medianOfRuns(peer.runs.map(pick))]
    return { figure, exo: ours, peer: theirs, advantageRatio: ours / theirs }
  }
  const less = (figure: string, ours: number, theirs: number): ComparisonRow => ({
    figure,
    exo: ours,
    peer: theirs,
    advantageRatio: theirs / ours,
  })
  return [
    more('decodeTokensPerSecond', (run) => run.decodeTokensPerSecond),
    more('prefillTokensPerSecond', (run) => run.prefillTokensPerSecond),
    less('ttftMs', medianOfRuns(exo.runs.map((run) => run.ttftMs)), medianOfRuns(peer.runs.map((run) => run.ttftMs))),
    less('peakMemoryMB', exo.peakMemoryBytes / 1e6, peer.peakMemoryBytes / 1e6),
  ]
}
