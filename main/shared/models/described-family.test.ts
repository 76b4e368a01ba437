import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asKnownConfig, DescribedFamily, findFamily } from './described-family.ts'

const plain = { modelType: 'newcomer', like: 'llama' }
const accepts = (changes: object): boolean => DescribedFamily.safeParse({ ...plain, ...changes }).success

describe('DescribedFamily', () => {
  it('accepts names of modules and keys', () => {
    const places = [{ prefix: 'transformer.', layers: 'h', embedding: 'transformer.wte', head: 'lm_head' }]
    expect(
      accepts({ keys: { n_layer: 'num_hidden_layers' }, values: { rope_scaling: { type: 'linear', factor: 2 } }, decoder: { places } }),
    ).toBe(true)
  })

  it.each([
    ['a path as its type', { modelType: '../llama' }],
    ['a prototype as its type', { modelType: '__proto__' }],
    ['a key that is a prototype', { keys: Object.fromEntries([['n_layer', '__proto__']]) }],
    ['a key with a path', { keys: { '../../etc': 'vocab_size' } }],
    ['a module with a path', { decoder: { norms: { input: '../norm' } } }],
    ['a module that ends with a dot', { decoder: { attentionModules: { output: 'attn.' } } }],
    ['a long module', { decoder: { attentionModules: { output: 'a'.repeat(65) } } }],
    ['a deep module', { decoder: { attentionModules: { output: 'a.b.c.d.e.f.g.h.i' } } }],
    ['a huge number', { values: { num_hidden_layers: 1e12 } }],
    ['no number', { decoder: { logitScale: Number.NaN } }],
    ['too many keys', { defaults: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`key${index}`, 1])) }],
    ['an unknown change', { decoder: { code: 'process.exit()' } }],
    ['an unknown field', { script: 'https://example.com/run.js' }],
    ['a deep value', { values: { a: { b: { c: 1 } } } }],
  ])('refuses %s', (_what, changes) => {
    expect(accepts(changes)).toBe(false)
  })
})

describe('asKnownConfig', () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
  const values = fc.dictionary(key, fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.boolean()), { maxKeys: 8 })

  it('renames keys, fills what is missing and fixes what is fixed, whatever the names', () => {
    fc.assert(
      fc.property(values, values, values, fc.uniqueArray(key, { maxLength: 4 }), (config, defaults, fixed, owns) => {
        const keys = Object.fromEntries(owns.map((own, index) => [own, `known_key_${index}`]))
        const known = asKnownConfig(DescribedFamily.parse({ ...plain, keys, defaults, values: fixed }), {
          ...config,
          model_type: 'newcomer',
        })
        expect(known['model_type']).toBe('llama')
        for (const [name, value] of Object.entries(fixed)) if (name !== 'model_type') expect(known[name]).toBe(value)
        for (const [own, name] of Object.entries(keys))
          if (Object.hasOwn(config, own) && !Object.hasOwn(fixed, name)) expect(known[name]).toBe(config[own])
        for (const [name, value] of Object.entries(defaults))
          if (!Object.hasOwn(config, name) && !Object.hasOwn(fixed, name) && name !== 'model_type') expect(known[name]).toBe(value)
      }),
    )
  })

  it('changes no prototype', () => {
    const known = asKnownConfig(DescribedFamily.parse(plain), JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(known['polluted']).toBeUndefined()
  })
})

describe('findFamily', () => {
  it('prefers a built-in family', () => {
    const described = DescribedFamily.parse({ ...plain, modelType: 'llama', like: 'qwen3' })
    expect(findFamily([described, 'llama'], 'llama')).toBe('llama')
    expect(findFamily([described, 'qwen3'], 'llama')).toBe(described)
    expect(findFamily([described], 'constructor')).toBeUndefined()
  })
})
