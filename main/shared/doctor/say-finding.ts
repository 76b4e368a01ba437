import { z } from 'zod'
import { type DoctorTextCode, doctorTexts } from './doctor-texts.ts'

const PlainText = z.strictObject({ code: z.string().max(128), values: z.record(z.string(), z.string()) })

/** A text of `exo doctor` by its code, for other languages. A value is a word, or a list of texts. */
export const DoctorText = z.strictObject({
  code: z.string().max(128),
  values: z.record(z.string(), z.union([z.string(), z.array(PlainText)])),
})
export type DoctorText = z.infer<typeof DoctorText>
export type DoctorValue = string | number | readonly z.infer<typeof PlainText>[]

/** The names in a template: `{free} of {total}`. A list in `{parts;}` is joined by semicolons, any other one by commas. */
type NamesIn<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Plain};` ? Plain : Name) | NamesIn<Rest>
  : never
type ValuesOf<Code extends DoctorTextCode> = [NamesIn<(typeof doctorTexts)[Code]>] extends [never]
  ? []
  : [Readonly<Record<NamesIn<(typeof doctorTexts)[Code]>, DoctorValue>>]

/** A text with its values, to be shown in the language of the reader. */
export function sayFinding<Code extends DoctorTextCode>(code: Code, ...[values]: ValuesOf<Code>): DoctorText {
  const given: Readonly<Record<string, DoctorValue>> = values ?? {}
  const words = Object.entries(given).map(([name, value]) => [name, typeof value === 'object' ? [...value] : `${value}`] as const)
  return { code, values: Object.fromEntries(words) }
}

/** A text that stands in the list of another one, and thus has no list itself. */
export function sayPart<Code extends DoctorTextCode>(code: Code, ...values: ValuesOf<Code>): z.infer<typeof PlainText> {
  return PlainText.parse(sayFinding(code, ...values))
}

/**
 * Fills a text's template.
 *
 * @param templateOf - null: there is none for this code
 * @param wordOf - shows a value
 * @returns null if a template is missing
 */
export function fillDoctorText(
  { code, values }: DoctorText,
  templateOf: (code: string) => string | null,
  wordOf: (name: string, word: string) => string = (_name, word) => word,
): string | null {
  const template = templateOf(code)
  if (template === null) return null
  let isWhole = true
  const text = template.replaceAll(/\{(\w+)(;?)\}/g, (_all, name: string, semicolon: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) isWhole = false
    if (value === undefined || typeof value === 'string') return wordOf(name, value ?? '')
    const parts = value.map((part) => fillDoctorText(part, templateOf, wordOf))
    if (parts.includes(null)) isWhole = false
    return parts.join(semicolon ? '; ' : ', ')
  })
  return isWhole ? text : null
}

/** The text in English, as the command line shows it. */
export function inEnglish(text: DoctorText): string {
  return fillDoctorText(text, (code) => (Object.hasOwn(doctorTexts, code) ? doctorTexts[code as DoctorTextCode] : null)) ?? text.code
}
