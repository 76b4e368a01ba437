/** The languages of the interface. Each strings file has its texts in all of them. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

const KEY = 'exo.language'
const isLanguage = (name: string | null): name is Language => LANGUAGES.some((language) => language === name)

/** The language that the user has chosen; null: that of the system. */
export function chosenLanguage(): Language | null {
  try {
    const chosen = localStorage.getItem(KEY)
    return isLanguage(chosen) ? chosen : null
  } catch {
    // A browser may forbid storage.
    return null
  }
}

/** The language of this page, from its start on. */
export const language: Language = chosenLanguage() ?? systemLanguage()

function systemLanguage(): Language {
  const system = navigator.language.split('-')[0] ?? null
  return isLanguage(system) ? system : 'en'
}

/** Keeps the choice and shows the page in it. @param chosen - null: the language of the system */
export function chooseLanguage(chosen: Language | null): void {
  if (chosen === null) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, chosen)
  location.reload()
}

/** The texts in the language of this page. The types make sure that no translation lacks a text. */
export const inLanguage = <Texts>(english: Texts, german: NoInfer<Texts>): Texts => (language === 'de' ? german : english)

/** Texts by names that come from elsewhere, some of which may have no text. */
export const textsByName = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> => texts
