import { create } from 'zustand'
import type { Chat, StoredMessage } from '../../../../main/shared/chats/chat.ts'
import { comparedPair, newestLeaf, pathTo, siblingVersions } from '../../../../main/shared/chats/chat-tree.ts'
import type { AnswerEvent, ChatList } from '../../../../main/shared/wire/api/chats.ts'

export type ListedChat = ChatList['chats'][number]
export type Prefill = Extract<AnswerEvent, { type: 'prefill' }>

export interface ChatStoreState {
  /** The list of chats in the order in which it is shown; null: not loaded yet. */
  readonly listed: readonly ListedChat[] | null
  /** Stored chats that cannot be read. */
  readonly damaged: number
  /** The chats that this page has loaded. */
  readonly opened: Readonly<Record<string, Chat>>
  /** null: a new chat, which is created with its first question. */
  readonly activeId: string | null
  /** The active chat does not exist. */
  readonly isMissing: boolean
  /** The branch that this window shows, by chat: the id of a message in it. */
  readonly branches: Readonly<Record<string, string>>
  /** How much of a prompt has been read, by the id of its answer. */
  readonly prefills: Readonly<Record<string, Prefill>>
  /** The question that is being edited. */
  readonly editedId: string | null
  /** Why the last action failed, as shown to the user. */
  readonly error: string | null
  /** The chat that was deleted last, as long as this can be undone. */
  readonly removed: Chat | null
}

export const useChatStore = create<ChatStoreState>(() => ({
  listed: null,
  damaged: 0,
  opened: {},
  activeId: null,
  isMissing: false,
  branches: {},
  prefills: {},
  editedId: null,
  error: null,
  removed: null,
}))

export const selectActive = ({ opened, activeId }: ChatStoreState): Chat | null => (activeId === null ? null : (opened[activeId] ?? null))

/** The end of the branch that this window shows. It grows with answers of other windows. */
export function selectLeafId(state: ChatStoreState): string | null {
  const chat = selectActive(state)
  if (!chat) return null
  const shown = state.branches[chat.id] ?? chat.leafId
  return newestLeaf(chat.messages, chat.messages.some(({ id }) => id === shown) ? shown : null)
}

export const selectPath = (state: ChatStoreState): StoredMessage[] => pathTo(selectActive(state)?.messages ?? [], selectLeafId(state))

export const selectMessageIds = (state: ChatStoreState): string[] => selectPath(state).map(({ id }) => id)

export const selectMessage =
  (messageId: string) =>
  (state: ChatStoreState): StoredMessage | undefined =>
    selectActive(state)?.messages.find(({ id }) => id === messageId)

/** The ids of a message's versions, oldest first. */
export const selectVersions =
  (messageId: string) =>
  (state: ChatStoreState): string[] =>
    siblingVersions(selectActive(state)?.messages ?? [], messageId).map(({ id }) => id)

/** Tokens of the branch that is shown, up to its last answer; null: no answer tells. */
export function selectUsedTokens(state: ChatStoreState): number | null {
  const stats = selectPath(state).findLast((message) => message.stats !== null)?.stats
  return stats ? stats.promptTokens + stats.completionTokens : null
}

/** Opens the editor of the last question on the branch that is shown. @returns whether there is one */
export function editLastQuestion(): boolean {
  const question = selectPath(useChatStore.getState()).findLast(({ role }) => role === 'user')
  if (question) useChatStore.setState({ editedId: question.id })
  return question !== undefined
}

/** The two answers that are compared at the end of the branch that is shown, by their ids; empty: none are. */
export const selectComparedIds = (state: ChatStoreState): string[] =>
  comparedPair(selectActive(state)?.messages ?? [], selectLeafId(state))?.map(({ id }) => id) ?? []

/** The shown answers that are being generated. */
export function selectStreamingIds(state: ChatStoreState): string[] {
  const shown = comparedPair(selectActive(state)?.messages ?? [], selectLeafId(state)) ?? selectPath(state).slice(-1)
  return shown.filter(({ status }) => status === 'streaming').map(({ id }) => id)
}

export const selectIsStreaming = (state: ChatStoreState): boolean => selectStreamingIds(state).length > 0
