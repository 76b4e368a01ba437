import { describe, expect, it } from 'vitest'
import { ModelCard } from '../../shared/models/model-card.ts'
import { formatParameterCount, parameterCount } from './parameter-count.ts'

const card = (fields: object): ModelCard =>
  ModelCard.parse({
    modelId: 'a/b',
    family: 'llama',
    layers: 30,
    hiddenSize: 576,
    attentionHeads: 9,
    kvHeads: 3,
    headDim: 64,
    vocabSize: 49_152,
    weightBytes: 115_231_808,
    contextTokens: 8192,
    ...fields,
  })

describe('the number of weights', () => {
  it.each([
    ['SmolLM2 135M', { intermediateSize: 1536, tiedEmbeddings: true }, '134.5M'],
    [
      'Llama 3.1 8B',
      { layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128, vocabSize: 128_256, intermediateSize: 14_336 },
      '8.0B',
    ],
    ['one of experts, by its files', { expertWidth: 768, weightBytes: 17.2e9, quantization: { bits: 4, groupSize: 64 } }, '30.6B'],
    ['one of 16 bits, by its files', { weightBytes: 2e9 }, '1.0B'],
  ])('of %s', (_, fields, count) => expect(formatParameterCount(parameterCount(card(fields)))).toBe(count))

  it('is said in units that fit', () => expect([0, 999, 1500, 2.5e12].map(formatParameterCount)).toEqual(['0', '999', '1.5K', '2.5T']))
})
