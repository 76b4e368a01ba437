import { expect, it } from 'vitest'
import { jsonPattern } from './json-pattern.ts'

const TEXTS = ['a"b', 'ab', 'a\\b', 'x\ny', 'x y', 'x\ty', '"', '\\', '-', 'a]b', 'é', '"\\"', 'xny', 'x\\ny']

it.each(['^a"b$', String.raw`^a\\b$`, String.raw`^x\ny$`, String.raw`^x\sy$`, '^["a-]+$', String.raw`^[\\"]{1,3}$`, String.raw`^a\]b$`])(
  'finds the texts that %s finds, as JSON writes them',
  (pattern) => {
    const json = new RegExp(jsonPattern(pattern), 'u')
    const found = TEXTS.filter((text) => json.test(JSON.stringify(text).slice(1, -1)))
    expect(found).toEqual(TEXTS.filter((text) => new RegExp(pattern, 'u').test(text)))
  },
)

it.each(['^[a-z]{3}$', String.raw`^\d+(?:x|y)\.é$`, '^[^"]*$', String.raw`\p{L}`])('leaves %s as it is', (pattern) =>
  expect(jsonPattern(pattern)).toBe(pattern),
)
