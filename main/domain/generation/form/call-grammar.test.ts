import { expect, it } from 'vitest'
import { CALL_FORMS } from '../calls/call-forms.ts'
import { callGrammar } from './call-grammar.ts'

const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] }
const grammarOf = (form: keyof typeof CALL_FORMS, properties: object = {}): string =>
  callGrammar(CALL_FORMS[form], {
    isRequired: true,
    isParallel: false,
    tools: [{ name: 'look_up', schema: { ...schema, properties: { ...schema.properties, ...properties } } }],
  })

it('is the same for each request with the same tools, and another in another format or for another schema', () => {
  const forms = Object.keys(CALL_FORMS) as (keyof typeof CALL_FORMS)[]
  const first = forms.map((form) => grammarOf(form))
  const other = forms.map((form) => grammarOf(form, { days: { type: 'boolean' } }))
  expect(forms.map((form) => grammarOf(form))).toEqual(first)
  for (const [index, form] of forms.entries()) expect(other[index], form).not.toBe(first[index])
  expect(grammarOf('qwen-coder')).toContain('<parameter=')
  expect(grammarOf('glm')).toContain('<arg_key>')
  expect(grammarOf('python')).not.toContain('<')
})
