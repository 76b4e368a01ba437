/** Lines that outlive the node's process. */
export interface JournalPort {
  /** Lines were lost: the next rewrite must include all of them. */
  readonly isBehind: boolean
  /** The lines that existed when the node started. */
  takeLines(): readonly string[]
  append(lines: readonly string[]): void
  rewrite(lines: readonly string[]): void
}
