import { describe, expect, it } from 'vitest'
import { insideRoot } from './inside-root.ts'

describe('insideRoot', () => {
  it('gives paths below the root', () => {
    expect(insideRoot('/data/groups', 'a', 'b')).toBe('/data/groups/a/b')
    expect(insideRoot('/data/groups', 'a/../b')).toBe('/data/groups/b')
  })

  it.each([['..'], ['../groups-of-others/x'], ['/etc'], [''], ['.'], ['a', '../..'], ['a\0b'], ['../../docs']])(
    'A1: refuses %j',
    (...parts) => {
      expect(() => insideRoot('/data/groups', ...parts)).toThrow(/A path outside/)
    },
  )
})
