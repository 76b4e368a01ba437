import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../../main/shared/app-error.ts'
import { withMessage, withNewAnswer, withQuestion } from '../../../../main/shared/chats/chat-changes.ts'
import { Chat, ChatSettings, type StoredMessage, summarizeChat } from '../../../../main/shared/chats/chat.ts'
import type { AnswerEvent, ChatChange } from '../../../../main/shared/wire/api/chats.ts'
import type { ChatApi } from './chat-api.ts'
import { createChatController } from './chat-controller.ts'
import { selectMessageIds, selectPath, selectVersions, useChatStore } from './chat-store.ts'

const settings = ChatSettings.parse({})
beforeEach(() => useChatStore.setState(useChatStore.getInitialState(), true))

/** A node with chats, whose answers end when the test says so. */
function node() {
  const chats = new Map<string, Chat>()
  const ends = new Map<string, (text: string) => void>()
  const failing = { error: null as AppError | null }
  let ids = 0
  const newId = (kind: string): string => `${kind}-${String((ids += 1)).padStart(4, '0')}`
  const find = (id: string): Chat => {
    if (failing.error) throw failing.error
    const chat = chats.get(id)
    if (!chat) throw new AppError('api-refused', 'no such chat', { status: 404 })
    return chat
  }
  const keep = (chat: Chat): Chat => {
    const kept = { ...chat, revision: chat.revision + 1 }
    chats.set(chat.id, kept)
    return kept
  }
  const change = (before: Chat, after: Chat): ChatChange => {
    const known = new Set(before.messages.map(({ id }) => id))
    const kept = keep(after)
    return { chat: { ...summarizeChat(kept), leafId: kept.leafId }, messages: kept.messages.filter(({ id }) => !known.has(id)) }
  }
  const api: ChatApi = {
    list: async () => {
      if (failing.error) throw failing.error
      return { chats: [...chats.values()].map((chat) => ({ ...summarizeChat(chat), isAnswering: false })), damaged: 0 }
    },
    get: async (id) => find(id),
    start: async ({ text, attachments, modelId }) => {
      if (failing.error) throw failing.error
      const empty = Chat.parse({ id: newId('chat'), title: text, createdAtMs: 1, updatedAtMs: 1, modelId, settings, messages: [] })
      const asked = withQuestion(empty, { id: newId('question'), atMs: 1, text, attachments, parentId: null })
      return keep(withNewAnswer(asked, { id: newId('answer'), atMs: 1, questionId: asked.leafId ?? '', modelId }))
    },
    ask: async (id, { text, attachments, parentId, modelId }) => {
      const before = find(id)
      const asked = withQuestion(before, { id: newId('question'), atMs: 1, text, attachments, parentId })
      return change(before, withNewAnswer(asked, { id: newId('answer'), atMs: 1, questionId: asked.leafId ?? '', modelId }))
    },
    answerAgain: async (id, questionId, modelId) =>
      change(find(id), withNewAnswer(find(id), { id: newId('answer'), atMs: 1, questionId, modelId })),
    continue: async (id, messageId) => {
      const kept = keep(withMessage(find(id), messageId, (message) => ({ ...message, status: 'streaming' })))
      return { chat: { ...summarizeChat(kept), leafId: messageId }, messages: kept.messages.filter((message) => message.id === messageId) }
    },
    keep: async (id) => change(find(id), find(id)),
    decideCall: async (id) => change(find(id), find(id)),
    stop: async (_id, messageId) => ends.get(messageId)?.('stopped'),
    change: async (id, { leafId, title }) =>
      summarizeChat(keep({ ...find(id), ...(leafId === undefined ? {} : { leafId }), ...(title === undefined ? {} : { title }) })),
    remove: async (id) => {
      const chat = find(id)
      chats.delete(id)
      return chat
    },
    import: async (given) => {
      for (const chat of given) chats.set(chat.id, chat)
      return { imported: given.map(({ id }) => id), skipped: [], damaged: [] }
    },
    async *follow(chatId, messageId): AsyncGenerator<AnswerEvent> {
      const message = (): StoredMessage => find(chatId).messages.find(({ id }) => id === messageId) ?? expect.fail('no message')
      yield { type: 'message', message: message() }
      yield { type: 'more', content: 'so far', reasoning: '', draft: '' }
      const text = await new Promise<string>((resolve) => ends.set(messageId, resolve))
      keep(withMessage(find(chatId), messageId, (kept) => ({ ...kept, content: text, status: 'complete' })))
      yield { type: 'message', message: message() }
    },
  }
  return { api, chats, ends, failing }
}

function start(at = node(), browser: readonly Chat[] = []) {
  const moved = { is: browser.length === 0 }
  const chat = createChatController({
    api: at.api,
    browserConversations: {
      areMoved: async () => moved.is,
      move: async (give) => {
        moved.is = true
        await give(browser)
      },
    },
    sleep: async () => undefined,
  })
  const texts = (): string[] => selectPath(useChatStore.getState()).map(({ content }) => content)
  const ask = async (text: string): Promise<string> => {
    const id = (await chat.send({ text: text, attachments: [] }, 'm', settings)) ?? expect.fail('it was not sent')
    chat.select(id)
    return id
  }
  const answer = async (text: string): Promise<void> => {
    const id = selectMessageIds(useChatStore.getState()).at(-1) ?? ''
    await expect.poll(() => at.ends.has(id)).toBe(true)
    at.ends.get(id)?.(text)
    await expect.poll(() => texts().at(-1)).toBe(text)
  }
  return { ...at, chat, texts, ask, answer }
}

describe('the chat', () => {
  it('shows an answer as it arrives', async () => {
    const { ask, answer, texts } = start()
    await ask('one')
    await expect.poll(texts).toEqual(['one', 'so far'])
    await answer('done')
    expect(texts()).toEqual(['one', 'done'])
  })

  it('follows an answer that began before the page was loaded', async () => {
    const before = start()
    const id = await before.ask('one')
    useChatStore.setState(useChatStore.getInitialState(), true)
    const { chat, answer, texts } = start(before)
    chat.select(id)
    await expect.poll(texts).toEqual(['one', 'so far'])
    await answer('done')
  })

  it('keeps the versions of questions and answers, and goes from one to another', async () => {
    const { chat, ask, answer, texts } = start()
    await ask('one')
    await answer('first')
    await ask('two')
    await answer('second')
    const [question = '', firstAnswer = ''] = selectMessageIds(useChatStore.getState())
    chat.regenerate(firstAnswer, 'm')
    await expect.poll(texts).toEqual(['one', 'so far'])
    await answer('other')
    expect(selectVersions(firstAnswer)(useChatStore.getState())).toHaveLength(2)
    chat.showVersion(firstAnswer)
    expect(texts()).toEqual(['one', 'first', 'two', 'second'])
    chat.editAndSend(question, 'three', 'm')
    await expect.poll(texts).toEqual(['three', 'so far'])
    chat.showVersion(question)
    expect(texts()).toEqual(['one', 'other'])
  })

  it('shows what another window asks in the same chat', async () => {
    const { chat, api, ask, answer, texts } = start()
    const id = await ask('one')
    await answer('first')
    const parentId = selectMessageIds(useChatStore.getState()).at(-1) ?? null
    await api.ask(id, { text: 'from elsewhere', attachments: [], parentId, modelId: 'm' })
    await chat.refresh()
    await expect.poll(texts).toEqual(['one', 'first', 'from elsewhere', 'so far'])
  })

  it('says why a question could not be sent', async () => {
    const { chat, failing } = start()
    failing.error = new AppError('disk-full', 'The disk is full.')
    expect(await chat.send({ text: 'one', attachments: [] }, 'm', settings)).toBeNull()
    expect(useChatStore.getState().error).toBe('The disk is full.')
    chat.dismissError()
    expect(useChatStore.getState().error).toBeNull()
  })

  it.each([
    ['a lost connection', new AppError('unreachable', 'The node does not answer.')],
    ['a missing token', new AppError('api-refused', 'This node needs a token.', { status: 401 })],
  ])('leaves %s to the banner', async (_, error) => {
    const { chat, failing } = start()
    failing.error = error
    await chat.refresh()
    expect(useChatStore.getState().error).toBeNull()
  })

  it('deletes a chat and undoes it', async () => {
    const { chat, ask, answer, chats } = start()
    const id = await ask('one')
    await answer('first')
    await chat.refresh()
    chat.remove(id)
    await expect.poll(() => [chats.size, useChatStore.getState().listed?.length]).toEqual([0, 0])
    chat.undoRemove()
    await expect.poll(() => chats.get(id)?.messages.length).toBe(2)
  })

  it('says that a chat is not here, and that another window deleted one', async () => {
    const { chat, ask, answer, api } = start()
    chat.select('chat-unknown')
    await expect.poll(() => useChatStore.getState().isMissing).toBe(true)
    const id = await ask('one').catch(() => '')
    await answer('first')
    await api.remove(id)
    await chat.refresh()
    expect(useChatStore.getState().isMissing).toBe(true)
  })

  it('moves the chats of an earlier version to the node, once', async () => {
    const old = Chat.parse({ id: 'browser-1', title: 'old', createdAtMs: 1, updatedAtMs: 1, modelId: null, settings: {}, messages: [] })
    const { chat, chats } = start(node(), [old])
    await chat.refresh()
    expect([...chats.keys()]).toEqual(['browser-1'])
    expect(useChatStore.getState().listed).toMatchObject([{ id: 'browser-1', title: 'old' }])
  })
})
