import { describe, expect, it } from 'vitest'
import { pathTo } from '../../../../main/shared/chats/chat-tree.ts'
import { fromBrowser, openBrowserConversations } from './browser-conversations.ts'

const OLD = {
  id: '0123456789abcdef0123456789abcdef',
  title: 'Capital of France?',
  updatedAtMs: 5,
  modelId: 'org/tiny',
  settings: { systemPrompt: 'Be brief.' },
  messages: [
    { id: 'aaaaaaaaaaaaaaaa', role: 'user', content: 'Capital of France?' },
    { id: 'bbbbbbbbbbbbbbbb', role: 'assistant', content: 'Par', status: 'streaming' },
  ],
}

describe('chats that an earlier version kept in the browser', () => {
  it('become chats of the node with all their messages', () => {
    const chat = fromBrowser(OLD)
    expect(chat).toMatchObject({ id: OLD.id, title: OLD.title, createdAtMs: 5, settings: { systemPrompt: 'Be brief.' } })
    expect(pathTo(chat?.messages ?? [], chat?.leafId ?? null).map(({ content, status }) => [content, status])).toEqual([
      ['Capital of France?', 'complete'],
      ['Par', 'interrupted'],
    ])
  })
  it.each([
    ['nothing', null],
    ['no id', { ...OLD, id: undefined }],
    ['a path for an id', { ...OLD, id: '../../identity' }],
  ])('are left alone where they are damaged: %s', (_, row) => expect(fromBrowser(row)).toBeNull())
  it('do not exist in a browser that stores nothing', async () => {
    const conversations = openBrowserConversations(undefined)
    expect(await conversations.areMoved()).toBe(true)
  })
})
