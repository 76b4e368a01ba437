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

// C3: a client may send a template, and all prompts of its model share one thread.
it.each([
  ['repeats', "{{ 'aaaaaaaaaaaaaaaa' * 10000000 }}"],
  ['ranges', '{% for i in range(1000000) %}{% endfor %}'],
  ['loops', '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{{ a }}{% endfor %}'],
  ['lists that grow as they are read', '{% set l = [1] %}{% for a in l %}{% set _ = l.append(a) %}{% endfor %}'],
  ['macros that call themselves', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
  ['values that hold themselves', '{% set l = [] %}{% set _ = l.append(l) %}{{ l }}'],
  ['padding', "{{ 'a'.ljust(100000000) }}{{ '%999999999d' % 1 }}"],
  ['lists that double', '{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}'],
  ['texts that double', "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x | upper }}"],
  ['lists that are extended by themselves', '{% set l = [1] %}{% for i in range(60) %}{% set _ = l.extend(l) %}{% endfor %}'],
  ['large texts that are kept', "{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append(('x' * 999999) | upper) %}{% endfor %}"],
  ['large lists that are kept', '{% set l = [] %}{% for i in range(9999) %}{% set _ = l.append(range(99999) | list) %}{% endfor %}'],
  ['repeated lists', '{% for i in range(9999) %}{% set _ = [0] * 9999999 %}{% endfor %}'],
  ['shared lists in text', '{% set n = namespace(x=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}'],
  ['shared lists in JSON', '{% set n = namespace(x=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x | tojson }}'],
  [
    'shared lists to compare',
    '{% set n = namespace(x=[], y=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}' +
      '{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}',
  ],
  ['filled batches', "{{ [1] | batch(1000000000, 'x') | list }}"],
  ['separators', "{{ (['a' * 999] * 99999) | join('b' * 9999) }}{{ ('b' * 9999).join(['a'] * 999999) }}"],
  ['replacements', "{{ ('x' * 99999).replace('x', 'y' * 9999) }}"],
  ['tabs', "{{ ('\\t' * 99999).expandtabs(99999) }}"],
  ['indents', "{{ ('a\\n' * 999999) | indent(999) }}"],
  ['different items', '{{ range(100000) | unique | list }}'],
  ['insertions', '{% set l = [] %}{% for i in range(99999) %}{% for j in range(99) %}{% set _ = l.insert(0, i) %}{% endfor %}{% endfor %}'],
  ['widths', "{{ '%*d' % (1000000000, 1) }}"],
  ['sums', `{{ 1${'+1'.repeat(200_000)} }}`],
  ['characters', `{{ 1 }}${' '.repeat(2 ** 20)}`],
  ['signs', `{{ ${'-'.repeat(100_000)}1 }}`],
  ['equal values that hold themselves', '{% set a = [] %}{% set _ = a.append(a) %}{% set b = [] %}{% set _ = b.append(b) %}{{ a == b }}'],
  ['brackets', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`],
  ['blocks', `${'{% if 1 %}'.repeat(5000)}${'{% endif %}'.repeat(5000)}`],
])(
  'C3: ends a template with too many %s',
  (_, template) => {
    expect(() => render(template)).toThrow(JinjaError)
  },
  30_000,
)

it('C3: reads tags, and spaces within lines, in one pass', () => {
  expect(render("{{ ('<a' * 999999) | striptags | length }}")).toBe('1999998')
  expect(render("{{ ('<!--' * 499999) | striptags | length }}")).toBe('1999996')
  expect(render("{{ 'a<b c>d<!-- e>f --> g <h' | striptags }}")).toBe('ad g <h')
  expect(render("{{ ('x' ~ ' ' * 999999 ~ 'x y').rsplit(none, 1) | length }}")).toBe('2')
  expect(render("{{ 'a\\tbc\\n\\td'.expandtabs(4) }}|{{ 'a\\tb'.expandtabs(0) }}")).toBe('a   bc\n    d|ab')
})

it('renders a chat of 5,000 messages and 4 MB', () => {
  const messages = Array.from({ length: 5_000 }, (_, index) => ({
    role: index % 2 ? 'assistant' : 'user',
    content: `${'word '.repeat(160)}\n`,
  }))
  const template =
    "{% for m in messages %}{% if loop.index0 < messages | length - 1 and 'x' not in m.content %}" +
    "{{ '<' + m['role'] + '>' + m.content.split('</think>')[-1].lstrip('\\n') | trim }}{% endif %}{% endfor %}"
  expect(render(template, { messages }).length).toBeGreaterThan(4_000_000)
})
