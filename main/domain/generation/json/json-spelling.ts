/** Notations that models use in place of JSON and that are accepted here. */
export const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '"': '"',
  '\\': '\\',
  '/': '/',
  "'": "'",
}
export const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null, True: true, False: false, None: null }

export const MOST_LEVELS = 200
/** Maximum length of a number or a word. */
export const MOST_WORD_CHARACTERS = 400
