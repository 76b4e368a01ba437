import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChatMessage, ToolDefinition } from '../../shared/inference/inference.ts'
import { renderChat } from './render-chat.ts'

interface Golden {
  readonly templates: string[]
  readonly conversations: {
    messages: {
      role: ChatMessage['role']
      content: string
      tool_name?: string
      tool_calls?: { function: { name: string; arguments: unknown } }[]
    }[]
    tools: { function: ToolDefinition }[]
  }[]
  /** By template and conversation, as written by Ollama 0.13.5. */
  readonly texts: string[][]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'go-templates.golden.json'), 'utf8')) as Golden
const conversations = golden.conversations.map(({ messages, tools }) => ({
  messages: messages.map(({ role, content, tool_name: name, tool_calls: calls }) => ({
    role,
    content,
    ...(name ? { name } : {}),
    ...(calls
      ? { toolCalls: calls.map((call) => ({ id: '', name: call.function.name, argumentsJson: JSON.stringify(call.function.arguments) })) }
      : {}),
  })),
  tools: tools.map((tool) => tool.function),
  think: null,
}))
const hi = { messages: [{ role: 'user' as const, content: 'hi' }], tools: [], think: null }

describe('renderChat', () => {
  it.each(golden.templates.map((template, index) => [template, golden.texts[index]!] as const))(
    'writes as Ollama does: %s',
    (template, texts) => {
      expect(conversations.map((chat) => renderChat(template, chat))).toEqual(texts)
    },
  )

  it.each([
    ['{{ if .System }}'],
    ['{{ end }}'],
    ['{{ .Prompt'],
    ['{{ nonsense .Prompt }}'],
    ['{{ define "x" }}{{ end }}'],
    ['{{ template "x" }}'],
    ['{{ (.Prompt }}'],
    ['{{ .Prompt | }}'],
    ['{{ else }}'],
    ['{{ "x }}'],
    ['{{ @ }}'],
    ['{{ constructor }}'],
    ['{{ toString .Prompt }}'],
  ])('refuses %s', (template) => {
    expect(() => renderChat(template, hi)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  })

  it('reads no field that is not there', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'Nothing.At.All'])
      expect(renderChat(`{{ range .Messages }}[{{ .${name} }}]{{ end }}`, hi)).toBe('[]')
  })

  it('ends in bounded time and with a bounded text', () => {
    const many = {
      ...hi,
      messages: Array.from({ length: 400 }, (_, index) => ({
        role: index % 2 ? ('assistant' as const) : ('user' as const),
        content: 'x'.repeat(100),
      })),
    }
    expect(() =>
      renderChat('{{ range .Messages }}{{ range $.Messages }}{{ range $.Messages }}{{ .Content }}{{ end }}{{ end }}{{ end }}', many),
    ).toThrow(/too many steps|too long/)
    expect(() => renderChat('{{ ('.repeat(500), hi)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => renderChat('{{ if .Prompt }}'.repeat(500), hi)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => renderChat(`{{ ${'('.repeat(300)} }}`, hi)).toThrow(expect.objectContaining({ code: 'invalid-request' }))
  })
})
