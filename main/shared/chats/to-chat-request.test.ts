import { expect, it } from 'vitest'
import { ChatCompletionRequest } from '../wire/api/openai.ts'
import { ChatSettings, StoredMessage, ThinkingEffort } from './chat.ts'
import { promptText, toChatRequest } from './to-chat-request.ts'

const question = StoredMessage.parse({ id: 'question-1', parentId: null, role: 'user', content: 'Why?', atMs: 1 })
const requestWith = (settings: object) => toChatRequest([question], ChatSettings.parse(settings), 'org/m')

it('asks a model to think as much as was chosen, or as it does by itself', () => {
  expect(requestWith({})).toEqual({ model: 'org/m', messages: [{ role: 'user', content: 'Why?' }] })
  expect(requestWith({ thinking: 'off' })).toMatchObject({ enable_thinking: false })
  expect(requestWith({ thinking: 'high' })).toMatchObject({ reasoning_effort: 'high' })
})

it.each([null, ...ThinkingEffort.options])('is a request that the API takes, with thinking %s', (thinking) =>
  expect(ChatCompletionRequest.safeParse(requestWith({ thinking })).error).toBeUndefined(),
)

it('gives the model the files of a question before its text', () => {
  const attachments = [
    { name: 'a "b".md', text: '# Title\n\n' },
    { name: 'c.csv', text: 'x,y' },
  ]
  const { messages } = toChatRequest([{ ...question, attachments }], ChatSettings.parse({}), 'org/m')
  expect(messages.map(({ content }) => content)).toEqual([
    `<file name="a 'b'.md">\n# Title\n</file>\n\n<file name="c.csv">\nx,y\n</file>\n\nWhy?`,
  ])
  expect(promptText({ content: '', attachments: attachments.slice(1) })).toBe('<file name="c.csv">\nx,y\n</file>')
})

it('fills in the variables of a system prompt, and leaves what is none', () => {
  const atMs = new Date(2026, 10, 30, 16, 5).getTime()
  const answer = StoredMessage.parse({ id: 'answer-01', parentId: 'question-1', role: 'assistant', content: 'So', atMs: atMs + 1e9 })
  const systemOf = (systemPrompt: string): string | undefined =>
    toChatRequest([question, { ...question, atMs }, answer], ChatSettings.parse({ systemPrompt }), 'org/m$&').messages[0]?.content
  expect(systemOf('{{date}}, {{ TIME }}: you are {{model}}.')).toBe('Monday, November 30, 2026, 16:05: you are org/m$&.')
  const others = '{{name}} {date} {{}} {{date} {{constructor}} {{date + 1}}'
  expect(systemOf(others)).toBe(others)
})
