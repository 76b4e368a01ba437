import { createHash } from 'node:crypto'
import { blankIdentifiers } from '../domain/mac/blank-identifiers.ts'
import type { RecordedHardware } from '../domain/mac/recorded-hardware.ts'

/** One-way, and the same on every machine, so that the two ends of a cable still match. */
function pseudonym(identifier: string): string {
  return createHash('sha256').update(`exo-recording\n${identifier}`).digest('hex')
}

/** The text of `exo doctor --record FILE`: the machine's facts without anything that identifies its owner. */
export function recordHardware(recorded: RecordedHardware): string {
  return `${JSON.stringify(blankIdentifiers(recorded, pseudonym), null, 2)}\n`
}
