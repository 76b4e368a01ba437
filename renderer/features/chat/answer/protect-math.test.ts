import { describe, expect, it } from 'vitest'
import { protectMath } from './protect-math.ts'

describe('B8: protectMath', () => {
  it.each([
    ['so \\(a_1 \\, b\\) is', 'so `\\(a_1 \\, b\\)` is'],
    ['$x$ and $a^2 + b^2$', '`$x$` and `$a^2 + b^2$`'],
    ['- item \\[x_1\\] more', '- item `\\[x_1\\]` more'],
    ['\\[\na \\\\ b\n\\]', '\n```math\na \\\\ b\n```\n'],
    ['$$ \\frac{1}{2} $$', '\n```math\n\\frac{1}{2}\n```\n'],
    ['then $$x$$', 'then `$$x$$`'],
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
