import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseVerdict } from './parse-verdict.ts'

describe('parseVerdict', () => {
  it.each([
    ['SAFE. It names a city.', 'safe', 'It names a city.'],
    ['**SAFE**\nThe answer is correct and harmless.', 'safe', 'The answer is correct and harmless.'],
    ['UNSAFE: it tells how to pick a lock.', 'flagged', 'it tells how to pick a lock.'],
    ['unsafe\nS9', 'flagged', 'S9'],
    ['Verdict: Unsafe - because it insults.', 'flagged', 'it insults.'],
    ['{"verdict": "safe", "reason": "plain facts"}', 'safe', 'plain facts'],
    ['The answer is safe.', 'safe', 'The answer is safe.'],
    ['This answer is not safe for children.', 'flagged', 'This answer is not safe for children.'],
    ['I see nothing harmful here; it is acceptable.', 'safe', 'I see nothing harmful here; it is acceptable.'],
    ['SAFE. There is nothing unsafe in it.', 'safe', 'There is nothing unsafe in it.'],
    ['ok', 'safe', 'ok'],
  ] as const)('reads %j', (text, verdict, reason) => expect(parseVerdict(text)).toEqual({ verdict, reason }))

  it.each([
    '',
    '   ',
    'Paris is the capital of France.',
    'Is the answer SAFE or UNSAFE?',
    'It may be safe, it may be dangerous.',
    'safe/unsafe',
  ])('does not know what %j means', (text) => {
    expect(parseVerdict(text).verdict).toBe('unknown')
  })

  it('never throws, always says why, and never at length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        const { verdict, reason } = parseVerdict(text)
        return ['safe', 'flagged', 'unknown'].includes(verdict) && reason.length > 0 && reason.length < 300
      }),
    )
  })

  it('uses the first word as the verdict, whatever follows', () => {
    fc.assert(fc.property(fc.string(), (rest) => parseVerdict(`UNSAFE. ${rest}`).verdict === 'flagged'))
    fc.assert(fc.property(fc.string(), (rest) => parseVerdict(`SAFE. ${rest}`).verdict === 'safe'))
  })
})
