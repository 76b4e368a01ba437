import { expect, it } from 'vitest'
import { readSampling } from './read-sampling.ts'

it('reads the manner that generation_config.json states, and leaves out what makes no sense', () => {
  expect(readSampling({ do_sample: true, temperature: 0.6, top_p: 0.95, top_k: 20, min_p: 0.05, repetition_penalty: 1.1 })).toEqual({
    temperature: 0.6,
    topP: 0.95,
    topK: 20,
    minP: 0.05,
    repetitionPenalty: 1.1,
  })
  expect(readSampling({ temperature: null, top_p: 7, top_k: -1, repetition_penalty: 'much' })).toEqual({})
  expect(readSampling({ do_sample: false, temperature: 0.9 })).toEqual({})
  expect(readSampling({})).toEqual({})
})
