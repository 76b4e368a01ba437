import { type DoctorText, fillDoctorText } from '../../../main/shared/doctor/say-finding.ts'
import { reasonText } from '../../client/error-text.ts'
import { language } from '../../ui/language.ts'
import { germanDoctorTexts } from './german-doctor-texts.ts'

/** A text and the language it is in. */
export interface LocalText {
  readonly text: string
  readonly lang: 'en' | 'de'
}

const texts: Readonly<Record<string, string>> = germanDoctorTexts
const QUANTITY = /^-?\d+\.\d+ ([KMGT]i?B|m?s|Gb\/s)$/

/** A finding or fix of exo doctor in the language of the page. A text of a newer node stays as the node says it. */
export function doctorTextOf(english: string, said: DoctorText | null | undefined): LocalText {
  const german =
    language === 'de' && said ? fillDoctorText(said, (code) => (Object.hasOwn(texts, code) ? (texts[code] ?? null) : null), wordOf) : null
  return german === null ? { text: english, lang: 'en' } : { text: german, lang: 'de' }
}

function wordOf(name: string, word: string): string {
  if (name === 'reason') return reasonText(word)
  return QUANTITY.test(word) ? word.replace('.', ',') : word
}
