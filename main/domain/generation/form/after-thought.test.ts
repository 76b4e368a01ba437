import { describe, expect, it } from 'vitest'
import { afterThought } from './after-thought.ts'
import { constant, formatOf } from './structural-tag.ts'

const text = formatOf({ kind: 'json-schema', text: '{"type":"object","properties":{"2":{},"1":{}}}' })
const calls = constant('call')
const noTokens = (): boolean => false
const thinks = (words: string): boolean => ['<think>', '</think>'].includes(words)
const elementsOf = (prompt: string, hasToken = thinks): readonly Record<string, unknown>[] =>
  JSON.parse(afterThought({ text, calls: null }, prompt, hasToken)).elements

describe('afterThought', () => {
  it('leaves the form of a model that does not think as it is', () => {
    expect(afterThought({ text, calls: null }, '<|im_start|>assistant\n', noTokens)).toBe(text)
    expect(JSON.parse(afterThought({ text, calls }, '<|im_start|>assistant\n', noTokens))).toMatchObject({ type: 'or' })
  })

  it('leaves a thought free that the prompt has begun', () => {
    const elements = elementsOf('assistant\n<think>\n')
    expect(elements.map(({ type }) => type)).toEqual(['tag', 'regex', 'json_schema'])
    expect(elements[0]).toMatchObject({ begin: '', end: '</think>', content: { type: 'any_text' } })
  })

  it('allows a thought to a model that has the tags', () => {
    const elements = elementsOf('<|im_start|>assistant\n')
    expect(elements.map(({ type }) => type)).toEqual(['optional', 'json_schema'])
    expect(JSON.stringify(elements[0])).toContain('"begin":"<think>"')
  })

  it('allows none where the prompt has ended it', () => {
    expect(afterThought({ text, calls: null }, 'assistant\n<think>\n\n</think>\n\n', thinks)).toBe(text)
  })

  it('follows the channels of Harmony, whose calls have their own', () => {
    expect(elementsOf('<|end|><|start|>assistant', noTokens).map(({ type }) => type)).toEqual(['optional', 'sequence'])
    const both = JSON.parse(afterThought({ text, calls }, '<|start|>assistant', noTokens)).elements[1]
    expect(both).toMatchObject({ type: 'or', elements: [{ elements: [{ value: '<|channel|>final<|message|>' }, {}] }, { value: 'call' }] })
  })

  it('keeps the order of keys', () => expect(afterThought({ text, calls: null }, '<think>', thinks)).toContain('{"2":{},"1":{}}'))

  it('takes every kind of grammar', () => {
    for (const [kind, field] of [
      ['ebnf', 'grammar'],
      ['regex', 'pattern'],
    ] as const)
      expect(JSON.parse(formatOf({ kind, text: 'a"b' }))).toMatchObject({ [field]: 'a"b' })
  })
})
