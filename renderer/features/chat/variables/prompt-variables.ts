const VARIABLE = /\{\{\s*([\p{L}_][\p{L}\p{N}_ -]{0,39}?)\s*\}\}/gu
/** Code is an example for the model, not a form. */
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g
/** The node fills these in itself. */
const OWN = new Set(['date', 'time', 'model'])
const MOST_VARIABLES = 12

/** The names in `{{name}}` that a person has to fill in, each once, in their order; empty if they are too many for a form. */
export function promptVariables(...texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [...text.replace(CODE, ' ').matchAll(VARIABLE)].map(([, name = '']) => name))
  const names = [...new Set(found)].filter((name) => !OWN.has(name.toLowerCase()))
  return names.length > MOST_VARIABLES ? [] : names
}

/** Fills in the named variables outside of code. */
export function fillPrompt(text: string, values: Readonly<Record<string, string>>): string {
  const fill = (part: string): string =>
    part.replace(VARIABLE, (found, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : found))
  let end = 0
  let filled = ''
  for (const code of text.matchAll(CODE)) {
    filled += fill(text.slice(end, code.index)) + code[0]
    end = code.index + code[0].length
  }
  return filled + fill(text.slice(end))
}
