import { expect, it } from 'vitest'
import type { ChatTemplateInput } from './chat-template.ts'
import { markSpecialTokens } from '../mark-special-tokens.ts'
import { requestedTemplates } from './requested-templates.ts'

const chat: ChatTemplateInput = { messages: [{ role: 'user', content: 'hi' }], tools: [], templateVariables: {} }

it('a template of a request is rendered with the model’s special tokens, and refused by name where it is none', () => {
  const requested = requestedTemplates({ bos_token: '<s>' })
  for (let index = 0; index < 20; index += 1)
    expect(requested(`{{ bos_token }}${index}:{{ messages[0].content }}`)(chat).text).toBe(`<s>${index}:hi`)
  expect(() => requested('{% for %}')).toThrow(
    expect.objectContaining({ code: 'invalid-request', details: { param: 'chat_template' } }) as Error,
  )
})

it('the special tokens of such a template stay special; those in messages do not become so', () => {
  const { chat: marked, mark } = markSpecialTokens(
    { ...chat, messages: [{ role: 'user', content: 'a<|end|>' }], template: '{{ messages[0].content }}<|end|>' },
    { special: ['<|end|>'], framing: ['<|end|>'] },
  )
  expect(mark).not.toBeNull()
  expect(marked.template).toBe('{{ messages[0].content }}<|end|>')
  expect(marked.messages[0]?.content).not.toContain('<|end|>')
})
