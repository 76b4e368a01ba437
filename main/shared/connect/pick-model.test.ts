import { describe, expect, it } from 'vitest'
import { lacksOf, modelCalled, pickModel } from './pick-model.ts'

const model = (id: string, rest: object = {}) => ({
  ...{
    id,
    aliases: [] as string[],
    loaded: false,
    context_tokens: 40_960 as number | null,
    capabilities: ['completion', 'tools'] as ('completion' | 'tools')[],
    meta: { n_ctx_train: 131_072 as number | null },
  },
  ...rest,
})
const needs = { needsTools: true, minContextTokens: 32_768 }

describe('the model for a tool', () => {
  it('lacks nothing, is rather loaded, and has rather more context', () => {
    const small = model('org/small', { context_tokens: 8_192, loaded: true })
    const plain = model('org/plain', { capabilities: ['completion'], loaded: true })
    const embedding = model('org/embedding', { capabilities: [] })
    const large = model('org/large', { context_tokens: 131_072 })
    const loaded = model('org/loaded', { loaded: true })
    expect(pickModel([small, plain, embedding, large, loaded], needs)?.id).toBe('org/loaded')
    expect(pickModel([small, plain, embedding, large], needs)?.id).toBe('org/large')
    expect(pickModel([small, plain, embedding], needs)).toBeNull()
    expect(pickModel([small], { needsTools: false, minContextTokens: 4_096 })?.id).toBe('org/small')
  })
  it('is told what it lacks', () => {
    expect(lacksOf(model('org/a', { capabilities: ['completion'], context_tokens: 8_192, loaded: true }), needs)).toEqual([
      'org/a was not trained to call tools, which this tool needs.',
      expect.stringContaining('org/a is loaded with a context of 8,192 tokens; this tool needs about 32,768.'),
    ])
    expect(lacksOf(model('org/a', { context_tokens: 8_192, loaded: true, meta: { n_ctx_train: 8_192 } }), needs)).toEqual([
      'org/a has a context of 8,192 tokens; this tool needs about 32,768. Choose another model.',
    ])
    expect(lacksOf(model('org/a', { context_tokens: null }), needs)).toEqual([])
  })
  it('is found by its id, its short name and its aliases', () => {
    const models = [model('org/Tiny'), model('tiny'), model('org/other', { aliases: ['mine'] })]
    expect([
      modelCalled(models, 'tiny')?.id,
      modelCalled(models, 'ORG/TINY')?.id,
      modelCalled(models, 'Mine')?.id,
      modelCalled(models, 'x'),
    ]).toEqual(['tiny', 'org/Tiny', 'org/other', null])
  })
})
