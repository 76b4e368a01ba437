import { describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { modelCardOfConfig } from './model-card-of-config.ts'

const cardOf = (config: Readonly<Record<string, unknown>>) =>
  modelCardOfConfig(ModelId.parse('org/model'), config, 1000, [config['model_type'] as string])

describe('the card of a config.json', () => {
  it('knows what a token of latent attention keeps', () => {
    const config = {
      model_type: 'deepseek_v3',
      num_hidden_layers: 61,
      hidden_size: 7168,
      num_attention_heads: 128,
      num_key_value_heads: 128,
      vocab_size: 129_280,
      kv_lora_rank: 512,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
    }
    expect(cardOf(config)).toMatchObject({ kvLatentDim: 576, headDim: 128, kvHeads: 128 })
  })

  it('fills in what Gemma 3 leaves out, also where the text model is one of two', () => {
    const text = { model_type: 'gemma3_text', hidden_size: 2560, num_hidden_layers: 34, intermediate_size: 10_240 }
    expect(cardOf(text)).toMatchObject({ layers: 34, hiddenSize: 2560, attentionHeads: 4, kvHeads: 1, headDim: 256, vocabSize: 262_144 })
    expect(cardOf({ model_type: 'gemma3', text_config: text, vocab_size: 262_208 })).toMatchObject({
      layers: 34,
      hiddenSize: 2560,
      attentionHeads: 8,
      kvHeads: 4,
      vocabSize: 262_208,
    })
  })

  it('knows the width of the MLP, and whether the head is the embedding', () => {
    const config = {
      model_type: 'llama',
      num_hidden_layers: 2,
      hidden_size: 64,
      num_attention_heads: 4,
      vocab_size: 100,
      intermediate_size: 96,
    }
    const tiedOf = (changes: Record<string, unknown>, names?: readonly string[]): boolean | undefined =>
      modelCardOfConfig(ModelId.parse('org/model'), { ...config, ...changes }, 1000, ['llama'], undefined, names).tiedEmbeddings
    expect(cardOf(config).intermediateSize).toBe(96)
    expect(cardOf({ ...config, model_type: 'mixtral', num_local_experts: 8 })).not.toHaveProperty('intermediateSize')
    expect([
      tiedOf({}),
      tiedOf({ tie_word_embeddings: true }),
      tiedOf({}, ['model.norm.weight']),
      tiedOf({}, ['lm_head.weight']),
      tiedOf({ tie_word_embeddings: false }, []),
    ]).toEqual([undefined, true, true, false, true])
  })

  it('leaves other families no size to guess', () => {
    expect(() => cardOf({ model_type: 'llama', hidden_size: 64 })).toThrow(
      expect.objectContaining({ code: 'model-damaged', details: expect.objectContaining({ field: 'num_hidden_layers' }) as unknown }),
    )
  })
})
