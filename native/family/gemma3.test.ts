import { describe, expect, it } from 'vitest'
import { describeDecoder } from './describe-decoder.ts'
import { WRAPPED_PLACES } from './parts/module-names.ts'

const describeConfig = (config: Readonly<Record<string, unknown>>) => describeDecoder(config, 'config.json')

describe('a config.json of Gemma 3', () => {
  it('gives every so many layers all positions, and the others their own rotation', () => {
    const text = {
      hidden_size: 1152,
      num_hidden_layers: 8,
      sliding_window: 512,
      sliding_window_pattern: 4,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    }
    const model = describeConfig({ ...text, model_type: 'gemma3_text' })
    expect(model.windowTokens).toEqual([512, 512, 512, 0, 512, 512, 512, 0])
    expect([model.rope.positionScale, model.windowRope?.positionScale]).toEqual([1 / 8, 1])
    // The square root of 1152 in bfloat16.
    expect(model.embeddingScale).toBe(34)
    const seeing = describeConfig({ model_type: 'gemma3', text_config: text, vocab_size: 262_208 })
    expect(seeing).toMatchObject({ places: WRAPPED_PLACES, heads: 8, kvHeads: 4, vocabSize: 262_208 })
  })

  it('may name the kind of each layer instead', () => {
    const model = describeConfig({
      model_type: 'gemma3_text',
      num_hidden_layers: 3,
      layer_types: ['full_attention', 'sliding_attention', 'full_attention'],
    })
    expect(model.windowTokens).toEqual([0, 512, 0])
  })
})
