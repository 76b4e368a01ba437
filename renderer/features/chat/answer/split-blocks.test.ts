import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitBlocks } from './split-blocks.ts'

describe('splitBlocks', () => {
  it('cuts at blank lines', () => {
    expect(splitBlocks('# One\n\ntwo\nthree\n\n\nfour\n')).toEqual(['# One', 'two\nthree', 'four'])
  })
  it('keeps fenced code whole, closed or not', () => {
    expect(splitBlocks('a\n\n```js\nx\n\ny\n```\n\nb')).toEqual(['a', '```js\nx\n\ny\n```', 'b'])
    expect(splitBlocks('````\n```\n\nstill code')).toEqual(['````\n```\n\nstill code'])
  })
  it('keeps lists whole, with what belongs to their items', () => {
    expect(splitBlocks('1. one\n\n2. two\n\n   more of two\n\nafter')).toEqual(['1. one\n\n2. two\n\n   more of two', 'after'])
  })
  it('loses no text, and changes only its last block while a text grows', () => {
    const line = fc.constantFrom('', '', 'text', '- item', '  indented', '```', '~~~', '# title', '2. two')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)
        const blocks = splitBlocks(lines.join('\n'))
        expect(words(blocks.join('\n'))).toEqual(words(lines.join('\n')))
        const grown = splitBlocks([...lines, 'more'].join('\n'))
        expect(grown.slice(0, blocks.length - 1)).toEqual(blocks.slice(0, -1))
      }),
    )
  })
})
