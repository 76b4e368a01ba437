import { describe, expect, it } from 'vitest'
import { judgeCatalogue, type CataloguePorts } from './judge-catalogue.ts'

const check = {
  config: { n_layer: 2, hidden_size: 32, num_attention_heads: 4, intermediate_size: 48, vocab_size: 64 },
  seed: 3,
  prompt: [1, 2, 3],
  tokenIds: [4, 5, 6, 7],
  logprobs: [-1, -2, -1, -2],
}
const family = { modelType: 'newcomer', like: 'llama', keys: { n_layer: 'num_hidden_layers' }, check }
const card = {
  modelId: 'test/newcomer',
  family: 'newcomer',
  layers: 2,
  hiddenSize: 32,
  attentionHeads: 4,
  kvHeads: 4,
  headDim: 8,
  vocabSize: 64,
  weightBytes: 1000,
  contextTokens: 1024,
}

const ports: CataloguePorts = { builtInFamilies: ['llama', 'qwen3'], builtInCards: [], checkFamily: async () => undefined }
const judge = (catalogue: unknown, knownSerial = 0, changed: Partial<CataloguePorts> = {}) =>
  judgeCatalogue(Buffer.from(typeof catalogue === 'string' ? catalogue : JSON.stringify(catalogue)), knownSerial, { ...ports, ...changed })
const refusals = async (catalogue: object, changed: Partial<CataloguePorts> = {}) =>
  (await judge({ format: 1, serial: 1, ...catalogue }, 0, changed)).verdicts.map(({ name, refusal }) => [name, refusal])

describe('judgeCatalogue', () => {
  it('accepts a family that passes its check, and cards of it', async () => {
    const { accepted, verdicts } = await judge({ format: 1, serial: 7, families: [family], cards: [card] }, 7)
    expect(verdicts.map(({ kind, name, refusal }) => [kind, name, refusal])).toEqual([
      ['family', 'newcomer', null],
      ['card', 'test/newcomer', null],
    ])
    expect(accepted).toMatchObject({ serial: 7, families: [{ modelType: 'newcomer' }], cards: [{ modelId: 'test/newcomer' }] })
    expect(accepted.families[0]).not.toHaveProperty('check')
  })

  it('refuses a family that fails its check, and the cards of it, and keeps the others', async () => {
    const checkFamily = async ({ modelType }: { modelType: string }) => {
      if (modelType === 'newcomer') throw new Error('another token')
    }
    const other = { ...family, modelType: 'other' }
    expect(
      await refusals({ families: [family, other], cards: [card, { ...card, modelId: 'a/b', family: 'other' }] }, { checkFamily }),
    ).toEqual([
      ['newcomer', 'another token'],
      ['other', null],
      ['test/newcomer', 'its family newcomer is unknown here'],
      ['a/b', null],
    ])
  })

  it('lets nothing built in be replaced', async () => {
    const builtInCards = [{ ...card, modelId: 'Test/Newcomer' }] as unknown as CataloguePorts['builtInCards']
    expect(await refusals({ families: [{ ...family, modelType: 'qwen3' }, family, family], cards: [card] }, { builtInCards })).toEqual([
      ['qwen3', 'this family is known already'],
      ['newcomer', null],
      ['newcomer', 'this family is known already'],
      ['test/newcomer', 'a card of this model exists already'],
    ])
  })

  it.each([
    ['a description of a description', { ...family, like: 'newcomer' }, 'does not know the family newcomer'],
    ['a hostile name', { ...family, modelType: '../../etc/passwd\u001b[2J' }, 'modelType'],
    ['a model of a billion layers', { ...family, check: { ...check, config: { ...check.config, n_layer: 1e9 } } }, 'layers'],
    ['layers that are fixed elsewhere', { ...family, values: { num_hidden_layers: 1e9 } }, 'layers'],
    ['no check', { ...family, check: undefined }, 'check'],
    ['half an answer', { ...family, check: { ...check, logprobs: [-1, -1, -1, -1, -1] } }, 'one logprob for each token'],
    ['a field of a later version', { ...family, code: 'https://example.com' }, 'code'],
    ['no object', 5, 'expected object'],
  ])('refuses %s before its check runs', async (_what, entry, why) => {
    const checkFamily = () => Promise.reject(new Error('it was checked'))
    const [[name, refusal] = []] = await refusals({ families: [entry] }, { checkFamily })
    expect(refusal).toContain(why)
    expect(name).toMatch(/^(newcomer|\(without a valid name\))$/)
  })

  it('refuses an older catalogue', async () => {
    await expect(judge({ format: 1, serial: 3 }, 4)).rejects.toMatchObject({ code: 'catalogue-outdated' })
  })

  it.each([
    ['text', 'hello'],
    ['bytes that are not UTF-8', '\ud800'],
    ['a later format', { format: 2, serial: 1 }],
    ['no serial', { format: 1 }],
    ['too many families', { format: 1, serial: 1, families: new Array(65).fill(0) }],
    ['a prototype', '{"format": 1, "serial": 1, "families": [{"keys": {"__proto__": {}}}]}'],
  ])('refuses %s', async (_what, catalogue) => {
    await expect(judge(catalogue)).rejects.toMatchObject({ code: 'catalogue-invalid' })
  })
})
