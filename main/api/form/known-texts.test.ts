import { expect, it } from 'vitest'
import { KnownTexts } from './known-texts.ts'

it('knows what was added, and forgets what was not used for longest', () => {
  const known = new KnownTexts(10)
  known.add('aaaa')
  known.add('bbbb')
  expect(known.has('aaaa')).toBe(true)
  known.add('cccc')
  expect(['aaaa', 'bbbb', 'cccc'].map((text) => known.has(text))).toEqual([true, false, true])
})

it('counts a text once, and keeps none that is larger than all of its room', () => {
  const known = new KnownTexts(10)
  for (let round = 0; round < 5; round += 1) known.add('aaaa')
  known.add('bbbb')
  known.add('c'.repeat(11))
  expect(['aaaa', 'bbbb', 'c'.repeat(11)].map((text) => known.has(text))).toEqual([true, true, false])
})
