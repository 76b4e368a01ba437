import { expect, it } from 'vitest'
import { RecentValues } from './recent-values.ts'

it('gives what was set, and forgets what was not used for longest', () => {
  const values = new RecentValues<number>(10)
  values.set('aaaa', 1, 0)
  values.set('bbbb', 2, 0)
  expect(values.get('aaaa')).toBe(1)
  values.set('cccc', 3, 0)
  expect(['aaaa', 'bbbb', 'cccc'].map((text) => values.get(text))).toEqual([1, undefined, 3])
})

it('counts a text once and the values too, and keeps nothing that is larger than all of its room', () => {
  const values = new RecentValues<number>(10)
  for (let round = 0; round < 5; round += 1) values.set('aaaa', 1, 0)
  values.set('bbbb', 2, 0)
  values.set('c'.repeat(11), 3, 0)
  values.set('d', 4, 10)
  expect(['aaaa', 'bbbb', 'c'.repeat(11), 'd'].map((text) => values.get(text))).toEqual([1, 2, undefined, undefined])
  values.set('e', 5, 5)
  expect(['aaaa', 'bbbb', 'e'].map((text) => values.get(text))).toEqual([undefined, 2, 5])
})
