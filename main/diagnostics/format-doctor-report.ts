import type { Check, CheckState } from './check.ts'

const STATES: readonly CheckState[] = ['ok', 'warning', 'problem', 'unknown']

/** One line per check, `state  title  finding → fix`, and the totals at the end. */
export function formatDoctorReport(checks: readonly Check[]): string {
  const stateWidth = Math.max(...STATES.map((state) => state.length))
  const titleWidth = Math.max(0, ...checks.map(({ title }) => title.length))
  const lines = checks.map(
    ({ state, title, finding, fix }) =>
      `${state.padEnd(stateWidth)}  ${title.padEnd(titleWidth)}  ${finding}${fix === null ? '' : ` → ${fix}`}`,
  )
  const sums = STATES.map((state) => [state, checks.filter((check) => check.state === state).length] as const).filter(
    ([, count]) => count > 0,
  )
  return [...lines, sums.map(([state, count]) => `${count} ${state}`).join(', ')].join('\n')
}
