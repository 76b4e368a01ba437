import { AppError, errorMessage } from '../../../../main/shared/app-error.ts'
import { withMessage } from '../../../../main/shared/chats/chat-changes.ts'
import { newestLeaf } from '../../../../main/shared/chats/chat-tree.ts'
import type { Chat, ChatSettings, StoredMessage } from '../../../../main/shared/chats/chat.ts'
import type { ChatChange, ChatPatch } from '../../../../main/shared/wire/api/chats.ts'
import { localized } from '../../../client/error-text.ts'
import type { BrowserConversations } from './browser-conversations.ts'
import type { Asked, ChatApi } from './chat-api.ts'
import { selectActive, selectLeafId, selectStreamingIds, useChatStore } from './chat-store.ts'
import { createAnswerFollower } from './follow-answers.ts'

export interface ChatDependencies {
  readonly api: ChatApi
  /** Chats that an earlier version kept in this browser. */
  readonly browserConversations: BrowserConversations
  readonly sleep: (ms: number) => Promise<void>
}

/** The actions of the chat. Their results appear in the store. */
export interface ChatController {
  /** Loads the list again, and the open chat if it has changed. */
  refresh(): Promise<void>
  /** null: a new chat. */
  select(chatId: string | null): void
  /** @returns the id of its chat; null: it could not be sent, and the store says why */
  send(asked: Asked, modelId: string, settings: ChatSettings): Promise<string | null>
  /** Asks a new version of a question, with the same files. The earlier one stays. */
  editAndSend(questionId: string, text: string, modelId: string): void
  /** Generates another answer beside an earlier one. */
  regenerate(answerId: string, modelId: string): void
  /** Generates an answer beside an earlier one by the same model, which continues the given start. */
  answerFrom(answerId: string, start: string): void
  continue(answerId: string): void
  /** Goes on after one of two compared answers. */
  keep(answerId: string): void
  /** Allows or refuses a call of a tool, or stops one that runs. */
  decideCall(messageId: string, callId: string, decision: 'once' | 'always' | 'refuse'): void
  /** Shows another version of a question or an answer. */
  showVersion(messageId: string): void
  /** Stops the answers that are shown. */
  stop(): void
  change(chatId: string, patch: ChatPatch): void
  remove(chatId: string): void
  undoRemove(): void
  forgetRemoved(): void
  dismissError(): void
}

export function createChatController({ api, browserConversations, sleep }: ChatDependencies): ChatController {
  const tell = (error: unknown): void => useChatStore.setState({ error: errorMessage(error) })
  /** The banner tells of a lost connection and of a missing token, and the next connection refreshes. */
  const tellUnlessBanner = (error: unknown): void => {
    if (!(error instanceof AppError && (error.code === 'unreachable' || error.details.status === 401))) tell(error)
  }
  const attempt = (work: Promise<unknown>): void => void work.catch(tell)
  const put = (chat: Chat): void => useChatStore.setState(({ opened }) => ({ opened: { ...opened, [chat.id]: chat } }))
  const follower = createAnswerFollower({ api, sleep, reload: open })

  function active(): Chat {
    const chat = selectActive(useChatStore.getState())
    if (!chat) throw localized(new AppError('chat-not-found', 'No chat is open.'))
    return chat
  }

  /** Loads a chat and follows its answers. */
  async function open(chatId: string): Promise<void> {
    try {
      const chat = await api.get(chatId)
      put(keepLongerTexts(chat, useChatStore.getState().opened[chatId]))
      if (useChatStore.getState().activeId === chatId) useChatStore.setState({ isMissing: false })
      followActive()
    } catch (error) {
      if (!(error instanceof AppError) || (error.details.status !== 404 && error.details.status !== 400)) throw error
      useChatStore.setState(({ opened: { [chatId]: _gone, ...opened }, activeId }) => ({ opened, isMissing: activeId === chatId }))
    }
  }

  function followActive(): void {
    const chat = selectActive(useChatStore.getState())
    follower.followOnly(chat?.id ?? null, chat?.messages.filter(({ status }) => status === 'streaming').map(({ id }) => id) ?? [])
  }

  function take({ chat: summary, messages }: ChatChange): void {
    const chat = useChatStore.getState().opened[summary.id]
    if (!chat) return
    const known = new Set(chat.messages.map(({ id }) => id))
    const changed = messages.filter(({ id }) => known.has(id)).reduce((next, message) => withMessage(next, message.id, () => message), chat)
    put({ ...changed, ...summary, messages: [...changed.messages, ...messages.filter(({ id }) => !known.has(id))] })
    if (summary.leafId !== null) show(summary.id, summary.leafId)
    followActive()
  }

  const show = (chatId: string, messageId: string): void =>
    useChatStore.setState(({ branches }) => ({ branches: { ...branches, [chatId]: messageId } }))

  async function refresh(): Promise<void> {
    const { chats, damaged } = await api.list()
    useChatStore.setState({ listed: chats, damaged })
    const { activeId, opened } = useChatStore.getState()
    const revisions = new Map(chats.map(({ id, revision }) => [id, revision]))
    const isStale = ({ id, revision }: Chat): boolean => revisions.get(id) !== revision
    useChatStore.setState({
      opened: Object.fromEntries(Object.entries(opened).filter(([id, chat]) => id === activeId || !isStale(chat))),
    })
    const chat = activeId === null ? null : opened[activeId]
    if (activeId === null) return
    const isAbandoned = chat?.messages.some(({ id, status }) => status === 'streaming' && !follower.isFollowing(id)) === true
    if (!chat || isStale(chat) || isAbandoned) await open(activeId)
  }

  /** One at a time: a change during a refresh is seen by the next. */
  let refreshing: Promise<void> | null = null
  let isWanted = false
  async function refreshAll(): Promise<void> {
    if (!(await browserConversations.areMoved())) await browserConversations.move((chats) => api.import(chats)).catch(tellUnlessBanner)
    do {
      isWanted = false
      await refresh()
    } while (isWanted)
  }

  return {
    refresh() {
      isWanted = true
      refreshing ??= refreshAll()
        .catch(tellUnlessBanner)
        .finally(() => (refreshing = null))
      return refreshing
    },
    select(chatId) {
      useChatStore.setState({ activeId: chatId, isMissing: false, error: null })
      if (chatId === null || selectActive(useChatStore.getState())) followActive()
      else attempt(open(chatId))
    },
    async send(asked, modelId, settings) {
      const state = useChatStore.getState()
      const chat = selectActive(state)
      try {
        if (state.activeId !== null && chat) {
          take(await api.ask(chat.id, { ...asked, parentId: selectLeafId(state), modelId }))
          return chat.id
        }
        const started = await api.start({ ...asked, modelId, settings })
        put(started)
        return started.id
      } catch (error) {
        tell(error)
        return null
      }
    },
    editAndSend(questionId, text, modelId) {
      const chat = active()
      const question = chat.messages.find(({ id }) => id === questionId)
      if (!question) return
      const { attachments, parentId } = question
      attempt(api.ask(chat.id, { text, attachments, parentId, modelId }).then(take))
    },
    regenerate(answerId, modelId) {
      const chat = active()
      const questionId = chat.messages.find(({ id }) => id === answerId)?.parentId
      if (questionId) attempt(api.answerAgain(chat.id, questionId, modelId).then(take))
    },
    answerFrom(answerId, start) {
      const chat = active()
      const answer = chat.messages.find(({ id }) => id === answerId)
      const modelId = answer?.modelId ?? chat.modelId
      if (answer?.parentId && modelId) attempt(api.answerAgain(chat.id, answer.parentId, modelId, start).then(take))
    },
    decideCall: (messageId, callId, decision) => attempt(api.decideCall(active().id, messageId, callId, decision).then(take)),
    keep: (answerId) => attempt(api.keep(active().id, answerId).then(take)),
    continue: (answerId) => attempt(api.continue(active().id, answerId).then(take)),
    showVersion(messageId) {
      const { id, messages } = active()
      const leafId = newestLeaf(messages, messageId) ?? messageId
      show(id, leafId)
      attempt(api.change(id, { leafId }))
    },
    stop() {
      const state = useChatStore.getState()
      const { activeId } = state
      if (activeId !== null) for (const id of selectStreamingIds(state)) attempt(api.stop(activeId, id))
    },
    change(chatId, patch) {
      const chat = useChatStore.getState().opened[chatId]
      if (chat) put({ ...chat, ...defined(patch) })
      attempt(api.change(chatId, patch).then((summary) => updateListed(summary)))
    },
    remove(chatId) {
      attempt(
        api.remove(chatId).then((removed) => {
          useChatStore.setState(({ opened: { [chatId]: _removed, ...opened }, listed }) => ({
            opened,
            removed,
            listed: listed?.filter(({ id }) => id !== chatId) ?? null,
          }))
        }),
      )
    },
    undoRemove() {
      const { removed } = useChatStore.getState()
      if (!removed) return
      useChatStore.setState({ removed: null })
      attempt(api.import([removed]))
    },
    forgetRemoved: () => useChatStore.setState({ removed: null }),
    dismissError: () => useChatStore.setState({ error: null }),
  }
}

function updateListed(summary: { readonly id: string }): void {
  useChatStore.setState(({ listed }) => ({
    listed: listed?.map((chat) => (chat.id === summary.id ? { ...chat, ...summary } : chat)) ?? null,
  }))
}

function defined({ title, isPinned, settings }: ChatPatch): Partial<Pick<Chat, 'title' | 'isPinned' | 'settings'>> {
  return {
    ...(title === undefined ? {} : { title }),
    ...(isPinned === undefined ? {} : { isPinned }),
    ...(settings === undefined ? {} : { settings }),
  }
}

/** An answer that this page follows may be ahead of the one that it just loaded. */
function keepLongerTexts(chat: Chat, before: Chat | undefined): Chat {
  if (!before) return chat
  const known = new Map(before.messages.map((message) => [message.id, message]))
  const isBehind = (message: StoredMessage): boolean =>
    message.status === 'streaming' && (known.get(message.id)?.content.length ?? 0) > message.content.length
  return { ...chat, messages: chat.messages.map((message) => (isBehind(message) ? (known.get(message.id) ?? message) : message)) }
}
