import { z } from 'zod'
import { AppError } from '../../../../main/shared/app-error.ts'
import { type Attachment, Chat, ChatSummary, type ChatSettings } from '../../../../main/shared/chats/chat.ts'
import { readDataEvents } from '../../../../main/shared/formats/read-data-events.ts'
import { AnswerEvent, ChatChange, ChatImportAnswer, ChatList, type ChatPatch } from '../../../../main/shared/wire/api/chats.ts'
import { ErrorBody } from '../../../../main/shared/wire/api/openai.ts'
import { apiFailure } from '../../../../main/shared/api-failure.ts'
import { parseTolerantly } from '../../../../main/shared/wire/peer/parse-tolerantly.ts'
import type { ApiClient } from '../../../client/api-client.ts'
import { localized } from '../../../client/error-text.ts'
import { decodeTexts } from '../../../client/decode-texts.ts'

/** What a person asks. */
export interface Asked {
  readonly text: string
  readonly attachments: readonly Attachment[]
  /** A model whose answer is compared; absent: one model answers. */
  readonly otherModelId?: string | null
}

/** The node's chats. Failures are `AppError`s. */
export interface ChatApi {
  list(search?: string): Promise<ChatList>
  get(chatId: string): Promise<Chat>
  start(question: Asked & { readonly modelId: string; readonly settings: ChatSettings }): Promise<Chat>
  ask(chatId: string, question: Asked & { readonly parentId: string | null; readonly modelId: string }): Promise<ChatChange>
  /** @param start - the text with which the answer begins */
  answerAgain(chatId: string, questionId: string, modelId: string, start?: string): Promise<ChatChange>
  continue(chatId: string, messageId: string): Promise<ChatChange>
  keep(chatId: string, messageId: string): Promise<ChatChange>
  decideCall(chatId: string, messageId: string, callId: string, decision: 'once' | 'always' | 'refuse'): Promise<ChatChange>
  stop(chatId: string, messageId: string): Promise<void>
  change(chatId: string, patch: ChatPatch): Promise<ChatSummary>
  remove(chatId: string): Promise<Chat>
  import(chats: readonly Chat[]): Promise<ChatImportAnswer>
  follow(chatId: string, messageId: string, signal: AbortSignal): AsyncIterable<AnswerEvent>
}

const Stopped = z.strictObject({ stopped: z.boolean() })

export function createChatApi(api: ApiClient): ChatApi {
  return {
    list: (search) => api.get(search === undefined ? '/chats' : `/chats?search=${encodeURIComponent(search)}`, ChatList),
    get: (chatId) => api.get(`/chats/${chatId}`, Chat),
    start: (question) => api.post('/chats', question, Chat),
    ask: (chatId, question) => api.post(`/chats/${chatId}/questions`, question, ChatChange),
    answerAgain: (chatId, questionId, modelId, start = '') =>
      api.post(`/chats/${chatId}/answers`, { questionId, modelId, ...(start === '' ? {} : { start }) }, ChatChange),
    continue: (chatId, messageId) => api.post(`/chats/${chatId}/messages/${messageId}/continue`, {}, ChatChange),
    keep: (chatId, messageId) => api.post(`/chats/${chatId}/messages/${messageId}/keep`, {}, ChatChange),
    decideCall: (chatId, messageId, callId, decision) =>
      api.post(`/chats/${chatId}/messages/${messageId}/calls/${encodeURIComponent(callId)}`, { decision }, ChatChange),
    stop: async (chatId, messageId) => void (await api.post(`/chats/${chatId}/messages/${messageId}/stop`, {}, Stopped)),
    change: (chatId, patch) => api.patch(`/chats/${chatId}`, patch, ChatSummary),
    remove: (chatId) => api.delete(`/chats/${chatId}`, Chat),
    import: (chats) => api.post('/chats/import', { chats }, ChatImportAnswer),
    async *follow(chatId, messageId, signal) {
      const body = await api.stream(`/chats/${chatId}/messages/${messageId}/stream`, signal)
      for await (const data of readDataEvents(decodeTexts(body))) {
        const said: unknown = JSON.parse(data)
        const failure = ErrorBody.safeParse(said)
        if (failure.success) throw localized(apiFailure(failure.data.error.code, failure.data.error.message))
        const event = parseTolerantly(AnswerEvent, said)
        if (!event.success)
          throw localized(new AppError('unexpected-answer', 'This page is older than its node. Reload the page.', {}, event.error))
        yield event.data
      }
    },
  }
}
