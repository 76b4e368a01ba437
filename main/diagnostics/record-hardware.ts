import { blankIdentifiers } from '../domain/mac/blank-identifiers.ts'
import type { RecordedHardware } from '../domain/mac/recorded-hardware.ts'
import { pseudonym } from './pseudonym.ts'

/** The text of `exo doctor --record FILE`: the machine's facts without anything that identifies its owner. */
export function recordHardware(recorded: RecordedHardware): string {
  return `${JSON.stringify(blankIdentifiers(recorded, pseudonym), null, 2)}\n`
}
