import { describe, expect, it } from 'vitest'
import { protectMath, readFormula } from './protect-math.ts'

describe('B8: protectMath', () => {
  it.each([
    ['so \\(a_1 \\, b\\) is', 'so `\uE0F5\\(a_1 \\, b\\)` is'],
    ['$x$ and $a^2 + b^2$', '`\uE0F5$x$` and `\uE0F5$a^2 + b^2$`'],
    ['- item \\[x_1\\] more', '- item `\uE0F5\\[x_1\\]` more'],
    ['\\[\na \\\\ b\n\\]', '\n```math\na \\\\ b\n```\n'],
    ['$$ \\frac{1}{2} $$', '\n```math\n\\frac{1}{2}\n```\n'],
    ['then $$x$$', 'then `\uE0F5$$x$$`'],
  ])('%s', (text, protectedText) => expect(protectMath(text)).toBe(protectedText))
  it.each([
    'It costs $5 and $10.',
    'from $5 to $6',
    'the variable $HOME and $PATH',
    '`\\(a\\)` and `$x$`',
    '```sh\n$x$ \\(a\\)\n```',
    'a \\$5 price$',
  ])('leaves %s as it is', (text) => expect(protectMath(text)).toBe(text))
})

describe('readFormula', () => {
  it.each([
    ['\\(a_1\\)', 'a_1', false],
    ['$x$', 'x', false],
    ['$$x^2$$', 'x^2', true],
    ['\\[x\\]', 'x', true],
  ])('reads %s', (source, tex, isDisplay) => expect(readFormula(`\uE0F5${source}`)).toEqual({ tex, isDisplay, source }))
  it('takes no code of the model for a formula', () => {
    expect(readFormula('$x$')).toBeNull()
    expect(protectMath('`\uE0F5$x$`')).toBe('`$x$`')
  })
})
