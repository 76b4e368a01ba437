import type { Check } from '../check.ts'
import { type Identifiers, redactText } from './redact-text.ts'
import { pseudonym } from '../pseudonym.ts'

export interface ReportFacts {
  readonly version: string
  readonly platform: string
  readonly checks: readonly Check[]
  /** The text of `exo doctor --record`, without identifiers; null: there is none on this system. */
  readonly hardware: string | null
}

/** The file of `exo doctor --full --report FILE`: what a developer needs, without anything that identifies the owner. */
export function formatReport({ hardware, ...facts }: ReportFacts, identifiers: Identifiers): string {
  const redacted: unknown = JSON.parse(redactText(JSON.stringify(facts), identifiers, pseudonym))
  return `${JSON.stringify({ ...(redacted as object), hardware: hardware === null ? null : (JSON.parse(hardware) as unknown) }, null, 2)}\n`
}
