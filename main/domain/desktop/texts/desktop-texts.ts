import { englishTexts } from './english-texts.ts'
import { germanTexts } from './german-texts.ts'

export type DesktopTexts = typeof englishTexts

/** The texts of the app in the first of the user's languages that it speaks. @param languages - such as `de-AT`, the preferred one first */
export function desktopTexts(languages: readonly string[]): DesktopTexts {
  const spoken: Readonly<Record<string, DesktopTexts>> = { en: englishTexts, de: germanTexts }
  for (const language of languages) {
    const texts = spoken[language.split(/[-_]/)[0]?.toLowerCase() ?? '']
    if (texts) return texts
  }
  return englishTexts
}
