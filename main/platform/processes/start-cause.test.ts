import { describe, expect, it } from 'vitest'
import { wasStartedByPerson } from './start-cause.ts'

describe('wasStartedByPerson', () => {
  it('is so unless what started the program says that it started it again', () => {
    expect(wasStartedByPerson({ PATH: '/bin' })).toBe(true)
    expect(wasStartedByPerson({ EXO_RESTARTED: '' })).toBe(true)
    expect(wasStartedByPerson({ EXO_RESTARTED: '1' })).toBe(false)
    expect(wasStartedByPerson({ EXO_RESTARTED: '0' })).toBe(false)
  })
})
