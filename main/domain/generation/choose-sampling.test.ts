import { describe, expect, it } from 'vitest'
import { chooseSampling } from './choose-sampling.ts'

const silent = { temperature: null, topP: null, topK: null, minP: null, repetitionPenalty: null }

describe('chooseSampling', () => {
  it('takes each value of the first source that states it', () => {
    const manner = {
      settings: { temperature: 0.1 },
      generationConfig: { temperature: 0.2, topP: 0.3 },
      card: { temperature: 0.4, topP: 0.5, topK: 6 },
    }
    expect(chooseSampling({ ...silent, minP: 0.9 }, manner, false)).toEqual({
      temperature: 0.1,
      topP: 0.3,
      topK: 6,
      minP: 0.9,
      repetitionPenalty: 1,
    })
    expect(chooseSampling({ ...silent, temperature: 0, topK: 0 }, manner, false)).toMatchObject({ temperature: 0, topK: 0 })
  })

  it("is OpenAI's by default", () => {
    expect(chooseSampling(silent, {}, false)).toEqual({ temperature: 1, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1 })
  })

  it('draws otherwise where thinking is off', () => {
    const card = { temperature: 0.6, topK: 20, withoutThinking: { temperature: 0.7 } }
    expect(chooseSampling(silent, { card }, true)).toMatchObject({ temperature: 0.7, topK: 20 })
    expect(chooseSampling(silent, { card }, false)).toMatchObject({ temperature: 0.6, topK: 20 })
  })
})
