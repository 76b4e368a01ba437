import { expect, it } from 'vitest'
import { optionalGroups } from './optional-groups.ts'

it.each([
  [String.raw`^\d+(\.\d{1,2})?$`, String.raw`^\d+(\.\d{1,2}){0,1}$`],
  ['(a(b)?)?', '(a(b){0,1}){0,1}'],
  [String.raw`\)?[)?]x?`, String.raw`\)?[)?]x?`],
  ['(?:a|b)+', '(?:a|b)+'],
])('writes %s as %s', (pattern, written) => expect(optionalGroups(pattern)).toBe(written))
