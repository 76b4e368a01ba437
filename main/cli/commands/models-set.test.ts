import { describe, expect, it } from 'vitest'
import { changedSettings } from './models-set.ts'

describe('exo models set', () => {
  it('changes what is named, and takes back what is empty', () => {
    expect(changedSettings({ temperature: 1, top_k: 5 }, ['temperature=0.7', 'top_k=', 'system=Be brief. a=b', 'ttl=-1'])).toEqual({
      temperature: 0.7,
      system: 'Be brief. a=b',
      ttl: -1,
    })
  })

  it.each([
    ['temprature=1', 'is not a setting'],
    ['temperature', 'is not a setting'],
    ['temperature=hot', "'temperature'"],
    ['top_p=2', "'top_p'"],
    ['context_tokens=1.5', "'context_tokens'"],
  ])('refuses %s', (pair, words) => {
    expect(() => changedSettings({}, [pair])).toThrow(words)
  })
})
