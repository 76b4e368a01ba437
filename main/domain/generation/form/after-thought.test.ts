import { describe, expect, it } from 'vitest'
import type { Grammar } from '../../../shared/inference/grammar.ts'
import { afterThought } from './after-thought.ts'

const grammar: Grammar = { kind: 'json-schema', text: '{"type":"object","properties":{"2":{},"1":{}}}' }
const noTokens = (): boolean => false
const thinks = (text: string): boolean => ['<think>', '</think>'].includes(text)
const formatOf = ({ text }: Grammar): { readonly type: string; readonly elements: readonly Record<string, unknown>[] } =>
  JSON.parse(text).format

describe('afterThought', () => {
  it('leaves the grammar of a model that does not think as it is', () => {
    expect(afterThought(grammar, '<|im_start|>assistant\n', noTokens)).toBe(grammar)
  })

  it('leaves a thought free that the prompt has begun', () => {
    const { elements } = formatOf(afterThought(grammar, 'assistant\n<think>\n', thinks))
    expect(elements.map(({ type }) => type)).toEqual(['tag', 'regex', 'json_schema'])
    expect(elements[0]).toMatchObject({ begin: '', end: '</think>', content: { type: 'any_text' } })
  })

  it('allows a thought to a model that has the tags', () => {
    const { elements } = formatOf(afterThought(grammar, '<|im_start|>assistant\n', thinks))
    expect(elements.map(({ type }) => type)).toEqual(['optional', 'json_schema'])
    expect(JSON.stringify(elements[0])).toContain('"begin":"<think>"')
  })

  it('allows none where the prompt has ended it', () => {
    expect(afterThought(grammar, 'assistant\n<think>\n\n</think>\n\n', thinks)).toBe(grammar)
  })

  it('follows the channels of Harmony', () => {
    const { elements } = formatOf(afterThought(grammar, '<|end|><|start|>assistant', noTokens))
    expect(elements.map(({ type }) => type)).toEqual(['or', 'json_schema'])
  })

  it('keeps the order of keys, and takes every kind of grammar', () => {
    expect(afterThought(grammar, '<think>', thinks).text).toContain('{"2":{},"1":{}}')
    for (const kind of ['ebnf', 'regex'] as const)
      expect(formatOf(afterThought({ kind, text: 'a"b' }, '<think>', thinks)).elements.at(-1)).toMatchObject({
        [kind === 'ebnf' ? 'grammar' : 'pattern']: 'a"b',
      })
    const twice = afterThought(afterThought(grammar, '<think>', thinks), '<think>', thinks)
    expect(formatOf(twice).elements.at(-1)).toEqual(formatOf(afterThought(grammar, '<think>', thinks)))
  })
})
