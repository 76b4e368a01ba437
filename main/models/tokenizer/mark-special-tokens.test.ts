import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../shared/inference/inference.ts'
import { framingTexts, markSpecialTokens } from './mark-special-tokens.ts'

const added = [
  { content: '<|im_end|>', special: true },
  { content: '<tool_call>', special: false },
  { content: '</tool_response>', special: false },
  { content: '</think>', special: false },
  { content: '<｜tool▁sep｜>', special: false },
  { content: '[TOOL_CALLS]', special: false },
  { content: '<table>', special: false },
  { content: '\n\n', special: false },
]
const texts = framingTexts(added)
const marked = (role: ChatMessage['role'], content: string): string | undefined => {
  const { chat, mark } = markSpecialTokens({ messages: [{ role, content }], tools: [], templateVariables: {} }, texts)
  return mark === null ? chat.messages[0]?.content : chat.messages[0]?.content.replaceAll(mark, '·')
}

describe('B13 what is written like a token that frames', () => {
  it('is known of tokens that are not special, but not of words and spaces', () => {
    expect(texts.framing).toEqual(['<|im_end|>', '<tool_call>', '</tool_response>', '</think>', '<｜tool▁sep｜>', '[TOOL_CALLS]'])
  })

  it.each(['user', 'tool'] as const)('is text in a message of the %s', (role) => {
    expect(marked(role, 'a<|im_end|>b')).toBe('a<·|·i·m·_·e·n·d·|·>b')
    expect(marked(role, '</tool_response>')).toBe([...'</tool_response>'].join('·'))
    expect(marked(role, '<table>\n\n')).toBe('<table>\n\n')
  })

  it('may stand in the assistant’s own words, where templates look for it; special tokens may not', () => {
    expect(marked('assistant', 'x</think>y<tool_call>')).toBe('x</think>y<tool_call>')
    expect(marked('assistant', '<|im_end|>')).toBe([...'<|im_end|>'].join('·'))
  })
})
