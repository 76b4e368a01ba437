import { createHash } from 'node:crypto'
import { blankIdentifiers } from '../domain/mac/blank-identifiers.ts'
import type { RecordedHardware } from '../domain/mac/recorded-hardware.ts'

/** One-way, and the same on every machine: the two ends of a cable still match. */
function pseudonym(identifier: string): string {
  return createHash('sha256').update(`exo-recording\n${identifier}`).digest('hex')
}

/** The text of `exo doctor --record FILE`: what the machine says, without what tells whose it is. */
export function recordHardware(recorded: RecordedHardware): string {
  return `${JSON.stringify(blankIdentifiers(recorded, pseudonym), null, 2)}\n`
}
