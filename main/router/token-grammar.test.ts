import { describe, expect, it } from 'vitest'
import type { CallRule, Prompt } from '../shared/inference/inference.ts'
import { tokenGrammar } from './token-grammar.ts'

const prompt: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hi' }], tools: [], templateVariables: {} }
const encoded = { text: '<|im_start|>assistant\n', tokenIds: [1] }
const tokenizer = { eosTokenIds: [7], hasToken: () => false }
const rule = (isRequired: boolean): CallRule => ({ isRequired, isParallel: true, tools: [{ name: 'f', schema: { type: 'object' } }] })
const formatOf = (grammar: { text: string } | null): Record<string, unknown> => JSON.parse(grammar?.text ?? '').format

describe('tokenGrammar', () => {
  it('leaves answers free of which nothing is asked', () => expect(tokenGrammar({ prompt }, encoded, tokenizer)).toBeNull())

  it('takes the grammar of a text as it is', () => {
    const grammar = { kind: 'regex', text: 'a+' } as const
    expect(tokenGrammar({ prompt, grammar }, encoded, tokenizer)).toEqual({ ...grammar, endTokenIds: [7] })
  })

  it("writes required calls in the model's own format", () => {
    const grammar = tokenGrammar({ prompt, calls: rule(true) }, { ...encoded, callForm: 'mistral' }, tokenizer)
    expect(formatOf(grammar)).toMatchObject({ type: 'tags_with_separator', at_least_one: true, tags: [{ begin: '[TOOL_CALLS]f[ARGS]' }] })
    const plain = tokenGrammar({ prompt, calls: rule(true) }, encoded, tokenizer)
    expect(formatOf(plain)).toMatchObject({ tags: [{ begin: '<tool_call>\n{"name": "f", "arguments": ', end: '}\n</tool_call>' }] })
  })

  it('leaves text free in which a call may begin', () => {
    expect(formatOf(tokenGrammar({ prompt, calls: rule(false) }, encoded, tokenizer))).toMatchObject({
      type: 'triggered_tags',
      triggers: ['<tool_call>'],
    })
  })

  it('allows a format or calls where both are asked for', () => {
    const both = tokenGrammar({ prompt, calls: rule(false), grammar: { kind: 'regex', text: 'a+' } }, encoded, tokenizer)
    expect(formatOf(both)).toMatchObject({ type: 'or', elements: [{ type: 'regex' }, { type: 'tags_with_separator' }] })
  })

  it('refuses a model whose answers nothing ends', () => {
    expect(() => tokenGrammar({ prompt, calls: rule(true) }, encoded, { ...tokenizer, eosTokenIds: [] })).toThrow('no token that ends')
  })
})
