import { type DoctorText, inEnglish } from '../shared/doctor/say-finding.ts'

/** `warning`: works, but worse than it could. `unknown`: could not be looked at. */
export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown'

/** One line of `exo doctor`. */
export interface Check {
  /** Stable, kebab-case, for programs. */
  readonly id: string
  /** A word or two, for people. */
  readonly title: string
  readonly state: CheckState
  readonly finding: string
  /** The fix; null if there is nothing to fix. */
  readonly fix: string | null
  /** Both by their codes, for other languages; null: it has none. */
  readonly said?: { readonly finding: DoctorText | null; readonly fix: DoctorText | null }
}

/** Makes the lines of one check, which differ in state and finding. */
export function checkOf(id: string, title: string) {
  const line =
    (state: CheckState) =>
    (finding: DoctorText | string, fix: DoctorText | string | null = null): Check => ({
      id,
      title,
      state,
      finding: wordsOf(finding),
      fix: fix === null ? null : wordsOf(fix),
      said: { finding: codeOf(finding), fix: codeOf(fix) },
    })
  return { ok: line('ok'), warning: line('warning'), problem: line('problem'), unknown: line('unknown') }
}

const wordsOf = (text: DoctorText | string): string => (typeof text === 'string' ? text : inEnglish(text))
const codeOf = (text: DoctorText | string | null): DoctorText | null => (typeof text === 'string' ? null : text)
