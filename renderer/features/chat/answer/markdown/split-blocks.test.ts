import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GrowingBlocks, splitBlocks } from './split-blocks.ts'

const lines = fc.array(
  fc.constantFrom(
    '',
    '',
    'text',
    '- item',
    '  indented',
    '```',
    '~~~',
    '# title',
    '2. two',
    '$$',
    '\\[',
    'x \\]',
    '$$ a $$',
    '[^1]: note',
    '[a]: https://b',
  ),
  { maxLength: 30 },
)

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
  it('B8: keeps formulas whole, closed or not', () => {
    expect(splitBlocks('a\n\n$$\nx\n\ny\n$$\n\nb')).toEqual(['a', '$$\nx\n\ny\n$$', 'b'])
    expect(splitBlocks('\\[\nx\n\ny \\]\n\nb')).toEqual(['\\[\nx\n\ny \\]', 'b'])
    expect(splitBlocks('$$ x $$\n\nb')).toEqual(['$$ x $$', 'b'])
  })
  it('B9: keeps a text with footnotes or references together', () => {
    const text = 'See [the docs][1] and this.[^n]\n\nMore.\n\n[1]: https://example.com\n\n[^n]: A note.'
    expect(splitBlocks(text)).toEqual([text])
    expect(splitBlocks('```\n[1]: no address\n```\n\nb')).toHaveLength(2)
  })
  it('loses no text, and changes only its last block while a text grows', () => {
    fc.assert(
      fc.property(lines, (given) => {
        const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)
        const blocks = splitBlocks(given.join('\n'))
        expect(words(blocks.join('\n'))).toEqual(words(given.join('\n')))
        const grown = splitBlocks([...given, 'more'].join('\n'))
        if (grown.length > 1) expect(grown.slice(0, blocks.length - 1)).toEqual(blocks.slice(0, -1))
      }),
    )
  })
})

describe('B6: GrowingBlocks', () => {
  it('gives the blocks of the whole text at each step, also when another text takes its place', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 1, max: 7 }), (first, second, step) => {
        const growing = new GrowingBlocks()
        for (const text of [first.join('\n'), second.join('\n')])
          for (let end = 0; end <= text.length; end += step)
            expect(growing.blocksOf(text.slice(0, end))).toEqual(splitBlocks(text.slice(0, end)).filter((block) => block !== ''))
      }),
    )
  })
  it('keeps the strings of what is final', () => {
    const growing = new GrowingBlocks()
    const [before] = growing.blocksOf('one two three four\n\nfive')
    const [after] = growing.blocksOf('one two three four\n\nfive\n\nsix')
    expect(Object.is(before, after)).toBe(true)
  })
})
