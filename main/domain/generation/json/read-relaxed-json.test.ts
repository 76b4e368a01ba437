import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findJsonEnd } from './find-json-end.ts'
import { readRelaxedJson } from './read-relaxed-json.ts'

it.each<[string, string, unknown]>([
  ['a raw line break', '{"a":"l1\nl2"}', { a: 'l1\nl2' }],
  ['an escape that JSON has not', String.raw`{"a":"\d+\n"}`, { a: '\\d+\n' }],
  ['a comma too many', '{"a":[1,2,],}', { a: [1, 2] }],
  ["Python's words and quotes", "{'a': None, 'b': [True, 'it\\'s']}", { a: null, b: [true, "it's"] }],
  ['a bracket too few', '{"a":{"b":[1]', { a: { b: [1] } }],
  ['a bracket too many', '{"a":1}}', { a: 1 }],
  ['a key named as what all objects have', '{"__proto__":1}', JSON.parse('{"__proto__":1}')],
])('reads %s', (_, text, value) => {
  expect(readRelaxedJson(text)?.value).toEqual(value)
})

it('tells what is whole from what is cut', () => {
  expect(readRelaxedJson('{"a":1} rest')).toMatchObject({ end: 7, isWhole: true, isCut: false })
  expect(readRelaxedJson('{"a":"b"')).toMatchObject({ isWhole: false, isCut: false })
  for (const cut of ['{"a":"b', '{"a', '{"a":', '{"a":12', '{"a":tr', '[-', '[1e', '"x'])
    expect(readRelaxedJson(cut), cut).toMatchObject({ isCut: true })
  for (const none of ['', 'x', '{a:1}', '{"a" 1}', '[1 2', '[trx', '['.repeat(300)])
    expect(readRelaxedJson(none)?.isWhole ?? false, none).toBe(false)
})

it('reads all JSON as JSON, and finds its end in any pieces', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), fc.string(), (value, rest) => {
      const text = JSON.stringify(value)
      expect(readRelaxedJson(text + rest)).toEqual({ value: JSON.parse(text), end: text.length, isWhole: true, isCut: false })
      const end = findJsonEnd()
      const ends = [...text].map((character) => end.push(character))
      expect([ends.indexOf(true), end.push(rest)]).toEqual([ends.length - 1, true])
    }),
  )
})
