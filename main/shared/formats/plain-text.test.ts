import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainText } from './plain-text.ts'

it.each([
  ['\u001b[31mred\u001b[0m and plain', 'red and plain'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u009b2Jgone', 'gone'],
  ['two\r\nlines\tand\u2028more', 'two lines and more'],
  ['right\u202eto left', 'rightto left'],
  ['bell\u0007 delete\u007f null\u0000', 'bell delete null'],
  ['größer 漢字 🙂', 'größer 漢字 🙂'],
])('%j is shown as %j', (text, shown) => expect(plainText(text)).toBe(shown))

it('E: lets nothing through that a terminal obeys', () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\u001b', '\u009b', '[', ']', '3', ';', 'm', '\u0007', '\\', '\n', 'x') }), (text) => {
      // eslint-disable-next-line no-control-regex -- the test looks for control characters
      expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    }),
  ))
