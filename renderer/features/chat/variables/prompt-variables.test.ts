import { describe, expect, it } from 'vitest'
import { fillPrompt, promptVariables } from './prompt-variables.ts'

describe('promptVariables', () => {
  it.each([
    ['Translate {{text}} into {{ language }}, {{text}}.', ['text', 'language']],
    ['On {{date}} at {{time}} with {{Model}}', []],
    ['What does `{{name}}` mean?\n```\n{{ user }}\n```\n{{city}}', ['city']],
    ['{{a.b}} {{#if x}} {{}} {{ }} {name}', []],
    ['{{Größe in m}} and {{first-name}}', ['Größe in m', 'first-name']],
    [Array.from({ length: 13 }, (_, index) => `{{v${index}}}`).join(' '), []],
  ])('finds in %j the names %j', (text, names) => expect(promptVariables(text)).toEqual(names))
  it('finds those of several texts', () => expect(promptVariables('{{a}}', 'in {{b}} {{a}}')).toEqual(['a', 'b']))
})

describe('fillPrompt', () => {
  it('fills in what it knows, outside of code, and takes a value as it is', () => {
    const text = '{{a}} {{ a }} {{b}} `{{a}}` {{date}}\n```\n{{a}}'
    expect(fillPrompt(text, { a: '$& {{b}}' })).toBe('$& {{b}} $& {{b}} {{b}} `{{a}}` {{date}}\n```\n{{a}}')
  })
})
