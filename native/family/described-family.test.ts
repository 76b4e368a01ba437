import { afterEach, describe, expect, it } from 'vitest'
import { EXAONE_FAMILY } from '../../main/shared/models/__fixtures__/exaone-family.ts'
import { DescribedFamily } from '../../main/shared/models/described-family.ts'
import { openTiny, runGeneration } from '../__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from '../__fixtures__/tiny-model.ts'
import { describeDecoder } from './describe-decoder.ts'

const exaone = DescribedFamily.parse(EXAONE_FAMILY)

const EXAONE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^model\.layers/, 'transformer.h'],
  [/^model\.embed_tokens/, 'transformer.wte'],
  [/^model\.norm/, 'transformer.ln_f'],
  [/input_layernorm/, 'ln_1'],
  [/post_attention_layernorm/, 'ln_2'],
  [/self_attn\.o_proj/, 'attn.attention.out_proj'],
  [/self_attn/, 'attn.attention'],
  [/gate_proj/, 'c_fc_0'],
  [/up_proj/, 'c_fc_1'],
  [/mlp\.down_proj/, 'mlp.c_proj'],
]
const inExaone = (name: string): string => EXAONE_NAMES.reduce((text, [known, own]) => text.replace(known, own), name)

const models: TinyModel[] = []
afterEach(() => models.splice(0).forEach(({ remove }) => remove()))

/** The tokens of an answer with their logprobs, and those of the prompt. */
async function answerOf(model: TinyModel, families: DescribedFamily[] = []): Promise<readonly unknown[]> {
  models.push(model)
  const shard = await openTiny(model, { families })
  const { events } = await runGeneration(shard, { promptTokenIds: [5, 17, 120, 3], maxTokens: 24, topLogprobs: 3, promptLogprobs: true })
  await shard.close()
  return events.flatMap((event) => (event.type === 'generation-end' ? [] : [{ ...event, generationId: null }]))
}

describe('a described family', () => {
  it('gives the text of the family that it resembles', async () => {
    const own = makeTinyModel({
      tensors: (tensors) => tensors.map((tensor) => ({ ...tensor, name: inExaone(tensor.name) })),
      config: { model_type: 'exaone', num_layers: 4, num_hidden_layers: undefined, layer_norm_epsilon: 1e-5, rms_norm_eps: undefined },
    })
    const expected = await answerOf(makeTinyModel())
    expect(await answerOf(own, [exaone])).toEqual(expected)
    expect(expected.length).toBeGreaterThan(24)
  })

  it('makes the same random weights in every folder', async () => {
    const config = {
      model_type: 'exaone',
      hidden_size: 32,
      num_layers: 2,
      intermediate_size: 48,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      vocab_size: 64,
      layer_norm_epsilon: 1e-5,
    }
    const answer = async (randomWeightsSeed: number) => {
      const model = makeTinyModel({ config })
      models.push(model)
      const shard = await openTiny({ ...model, layers: 2 }, { families: [exaone], randomWeightsSeed })
      const { tokenIds } = await runGeneration(shard, { promptTokenIds: [5, 17, 3], maxTokens: 12 })
      await shard.close()
      return tokenIds
    }
    expect(await answer(7)).toEqual(await answer(7))
    expect(await answer(7)).not.toEqual(await answer(8))
  })

  it('refuses a check whose model is not tiny', async () => {
    const model = makeTinyModel({ config: { vocab_size: 1_000_000 } })
    models.push(model)
    await expect(openTiny(model, { randomWeightsSeed: 1 })).rejects.toMatchObject({ code: 'model-unsupported' })
  })

  const config = { model_type: 'exaone', hidden_size: 64, num_layers: 2, intermediate_size: 96, num_attention_heads: 4, vocab_size: 100 }

  it('does not replace a built-in family', () => {
    const shadow = { ...exaone, modelType: 'llama', like: 'qwen3' }
    const llama = { ...config, model_type: 'llama', num_hidden_layers: 2, rms_norm_eps: 1e-5 }
    expect(describeDecoder(llama, 'config.json', [shadow])).toEqual(describeDecoder(llama, 'config.json'))
  })

  it('is refused if the family that it names is unknown, or is a wrapper', () => {
    for (const like of ['nothing', 'qwen3_vl', 'exaone'])
      expect(() => describeDecoder(config, 'config.json', [{ ...exaone, like }])).toThrow(
        expect.objectContaining({
          code: 'model-unsupported',
          message: expect.stringContaining(`names the family ${like}`) as string,
        }) as Error,
      )
  })

  it('refuses a config that lacks what the known family needs', () => {
    expect(() => describeDecoder(config, 'config.json', [exaone])).toThrow('rms_norm_eps')
  })
})
