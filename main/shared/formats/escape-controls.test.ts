import { expect, it } from 'vitest'
import { escapeControls } from './escape-controls.ts'

it('E: shows what would control a terminal, and keeps the rest and the meaning of JSON', () => {
  expect(escapeControls('a\u001b[31mred\u009b2J\u0007\rb\u202ec\u0000')).toBe('a\\u001b[31mred\\u009b2J\\u0007\\u000db\\u202ec\\u0000')
  expect(escapeControls('two\nlines\tand – ünïcode 日本 😀')).toBe('two\nlines\tand – ünïcode 日本 😀')
  const name = '\u001b]0;title\u0007 \u009b31m \u202e'
  expect(JSON.parse(escapeControls(JSON.stringify({ name })))).toEqual({ name })
})
