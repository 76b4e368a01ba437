import { describe, expect, it } from 'vitest'
import { engineOptions } from './engine-options.ts'

describe('engineOptions', () => {
  it.each([
    [{}, { useArrays: false, keepsTypes: false, countsSteps: false }],
    [{ EXO_ENGINE: '' }, { useArrays: false, keepsTypes: false, countsSteps: false }],
    [
      { EXO_ENGINE: 'kernels', EXO_STEP_COUNTERS: '1' },
      { useArrays: false, keepsTypes: false, countsSteps: true },
    ],
    [
      { EXO_ENGINE: 'arrays', EXO_STEP_COUNTERS: '0' },
      { useArrays: true, keepsTypes: false, countsSteps: false },
    ],
    [{ EXO_ENGINE: 'arrays-as-stored' }, { useArrays: true, keepsTypes: true, countsSteps: false }],
  ])('reads %j', (environment, options) => expect(engineOptions(environment)).toEqual(options))

  it.each(['gpu', 'Arrays', 'toString'])('refuses the engine %s', (name) => {
    expect(() => engineOptions({ EXO_ENGINE: name })).toThrow(
      expect.objectContaining({ code: 'engine-unknown', message: expect.stringContaining('arrays-as-stored') }),
    )
  })
})
