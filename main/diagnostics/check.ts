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
}

/** Makes the lines of one check, which differ in state and finding. */
export function checkOf(id: string, title: string) {
  const line =
    (state: CheckState) =>
    (finding: string, fix: string | null = null): Check => ({ id, title, state, finding, fix })
  return { ok: line('ok'), warning: line('warning'), problem: line('problem'), unknown: line('unknown') }
}
