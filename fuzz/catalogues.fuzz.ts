import { judgeCatalogue } from '../main/models/catalogue/judge-catalogue.ts'
import { AppError } from '../main/shared/app-error.ts'
import { AcceptedCatalogue } from '../main/shared/models/signed-catalogue.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const MOST_SHOWN = 4096

const catalogue = (fields: object): Buffer => Buffer.from(JSON.stringify({ format: 1, serial: 7, ...fields }))
const card = {
  modelId: 'org/model',
  aliases: ['a-model'],
  family: 'llama',
  layers: 2,
  hiddenSize: 64,
  attentionHeads: 4,
  kvHeads: 2,
  headDim: 16,
  vocabSize: 256,
  weightBytes: 1e6,
  quantization: { bits: 4, groupSize: 64 },
  contextTokens: 4096,
  minDevices: 1,
  strategies: ['pipeline', 'tensor'],
}
const family = {
  modelType: 'new_llama',
  like: 'llama',
  keys: { n_layer: 'num_hidden_layers' },
  check: {
    config: { n_layer: 2, hidden_size: 32, num_attention_heads: 4, intermediate_size: 48, vocab_size: 64 },
    seed: 3,
    prompt: [1, 2, 3],
    tokenIds: [4, 5, 6, 7],
    logprobs: [-1, -2, -1, -2],
  },
}

export default {
  seeds: [
    catalogue({ families: [family], cards: [card, { ...card, modelId: 'org/other', family: 'new_llama' }] }),
    catalogue({ cards: [card, card, { ...card, layers: -1 }, null, []] }),
    catalogue({ families: [{ ...family, like: 'unheard' }, family, family] }),
    catalogue({ serial: 1 }),
    Buffer.from('{}'),
  ],
  words: ['"__proto__":', '"modelType":"', '"like":"llama"', '"serial":1e308', '[[[[', '"num_hidden_layers":', '\\u0000', 'null'],
  async run(bytes) {
    try {
      const { accepted, verdicts } = await judgeCatalogue(bytes, 2, {
        builtInFamilies: ['llama'],
        builtInCards: [],
        checkFamily: async () => {},
      })
      // What is accepted is stored, and read again at the next start.
      AcceptedCatalogue.parse(JSON.parse(JSON.stringify(accepted)))
      for (const { name, refusal } of verdicts)
        if (name.length > MOST_SHOWN || (refusal?.length ?? 0) > MOST_SHOWN) throw new Error('a verdict is longer than anyone reads')
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  },
} satisfies FuzzTarget
