import { language } from './language.ts'

const rules = new Intl.PluralRules(language)
const numbers = new Intl.NumberFormat(language)

/** The ICU plural forms of a phrase; `#` stands for the number. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string }

/** `plural(2, { one: '# machine', other: '# machines' })` is `2 machines`. */
export function plural(count: number, forms: PluralForms): string {
  const form = forms[rules.select(count)] ?? forms.other
  return form.replaceAll('#', numbers.format(count))
}
