import { describe, expect, it } from 'vitest'
import golden from './__fixtures__/jinja2-cases.json' with { type: 'json' }
import values from './__fixtures__/jinja2-values.json' with { type: 'json' }
import { compileTemplate } from './compile-template.ts'
import { JinjaError } from './values/jinja-error.ts'
import { parseJsonValue } from './values/parse-json-value.ts'

const now = (): Date => new Date(2026, 2, 9, 7, 5, 3)
const render = (template: string, variables: Record<string, unknown> = {}): string => compileTemplate(template, now).render(variables)

describe('B07 B08 B09 templates render as Jinja2 3.1 does', () => {
  it.each(golden.cases.filter(({ text }) => text !== null))('$template', ({ template, text }) => {
    expect(render(template, structuredClone(golden.variables))).toBe(text)
  })

  it.each(golden.cases.filter(({ text }) => text === null))('and refuse what it refuses: $template', ({ template }) => {
    expect(() => render(template, structuredClone(golden.variables))).toThrow(JinjaError)
  })

  const given = (): Record<string, unknown> => Object.fromEntries(parseJsonValue(values.variablesJson) as Map<string, unknown>)

  it.each(values.cases)('and print values as Python does: $template', ({ template, text }) => {
    if (text === null) expect(() => render(template, given())).toThrow(JinjaError)
    else expect(render(template, given())).toBe(text)
  })

  it('keep the order of keys and the spelling of numbers in JSON', () => {
    const schema = parseJsonValue('{"b": {"minimum": 0.0, "maximum": 1e2}, "10": {"const": 1}, "2": [-3, true, null, "é\\n"]}')
    expect(render('{{ s | tojson }} {% for k in s %}{{ k }} {% endfor %}', { s: schema })).toBe(
      '{"b": {"minimum": 0.0, "maximum": 100.0}, "10": {"const": 1}, "2": [-3, true, null, "é\\n"]} b 10 2 ',
    )
    for (const bad of ['', '{', '{"a":}', '[1,]', '1 2', "{'a':1}", '"\n"', '['.repeat(500)])
      expect(() => parseJsonValue(bad), bad).toThrow(SyntaxError)
  })
})

it.each([
  ['repeats', "{{ 'aaaaaaaaaaaaaaaa' * 10000000 }}"],
  ['ranges', '{% for i in range(1000000) %}{% endfor %}'],
  ['loops', '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{{ a }}{% endfor %}'],
  ['lists that grow as they are read', '{% set l = [1] %}{% for a in l %}{% set _ = l.append(a) %}{% endfor %}'],
  ['macros that call themselves', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
  ['values that hold themselves', '{% set l = [] %}{% set _ = l.append(l) %}{{ l }}'],
  ['padding', "{{ 'a'.ljust(100000000) }}{{ '%999999999d' % 1 }}"],
  ['brackets', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`],
  ['blocks', `${'{% if 1 %}'.repeat(5000)}${'{% endif %}'.repeat(5000)}`],
])(
  'ends a template with too many %s',
  (_, template) => {
    expect(() => render(template)).toThrow(JinjaError)
  },
  30_000,
)
