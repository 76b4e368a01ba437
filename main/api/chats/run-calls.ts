import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import { withMessage, withNewAnswer } from '../../shared/chats/chat-changes.ts'
import { pathTo } from '../../shared/chats/chat-tree.ts'
import type { Chat, StoredMessage } from '../../shared/chats/chat.ts'
import { type ChatToolCall, isSettled, MOST_RESULT_CHARACTERS, toolKey } from '../../shared/chats/tool-call.ts'
import type { ApiContext } from '../api-server.ts'
import { isRecord } from '../lenient/json-record.ts'
import { callKey, type CallPlace } from './call-key.ts'
import { findMessage } from './find-message.ts'

/** How many answers in a row may call tools without a message of the user. */
const MOST_ROUNDS = 25

type CallEnd = Pick<ChatToolCall, 'state' | 'result'>

/** What the calls of a chat need: the request that caused them, and how the next answer begins. */
interface CallRunner {
  readonly context: ApiContext
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  begin(chat: Chat, answerId: string): void
}

/** Runs the calls of an answer that need no question, and answers again where none is left. */
export async function runAllowedCalls(runner: CallRunner, chatId: string, messageId: string): Promise<void> {
  const chat = await runner.context.chats.book.read(chatId)
  const { calls } = findMessage(chat, messageId)
  const allowed = new Set(chat.settings.allowedTools)
  for (const call of calls)
    if (call.state === 'asking' && allowed.has(toolKey(call))) await startCall(runner, { chatId, messageId, callId: call.id })
  await answerAfterCalls(runner, chatId, messageId)
}

/** Runs one call in the background. @returns the chat with the running call */
export async function startCall(runner: CallRunner, place: CallPlace): Promise<Chat> {
  const { context, reply } = runner
  const { book, answers } = context.chats
  const key = callKey(place)
  const stopped = new AbortController()
  if (answers.runningCalls.has(key)) throw new AppError('chat-busy', 'This call is already running.')
  answers.runningCalls.set(key, stopped)
  try {
    const chat = await book.change(place.chatId, (kept) => withCall(kept, place, { state: 'running', result: '' }))
    const call = findMessage(chat, place.messageId).calls.find(({ id }) => id === place.callId)
    if (!call) throw callNotFound(place.callId)
    context.runInBackground([context.newId()], reply, (_running, signal) =>
      runCall(runner, place, call, AbortSignal.any([signal, stopped.signal])).finally(() => answers.runningCalls.delete(key)),
    )
    return chat
  } catch (error) {
    answers.runningCalls.delete(key)
    throw error
  }
}

async function runCall(runner: CallRunner, place: CallPlace, call: ChatToolCall, signal: AbortSignal): Promise<void> {
  const { book } = runner.context.chats
  try {
    const end = await callEnd(runner.context, call, signal)
    await book.change(place.chatId, (chat) => withCall(chat, place, end))
    await answerAfterCalls(runner, place.chatId, place.messageId)
  } catch (error) {
    if (errorCode(error) !== 'chat-not-found') throw error
  }
}

async function callEnd({ mcp }: ApiContext, { argumentsJson, server, tool }: ChatToolCall, signal: AbortSignal): Promise<CallEnd> {
  const failed = (text: string): CallEnd => ({ state: 'failed', result: text.slice(0, MOST_RESULT_CHARACTERS) })
  try {
    const input: unknown = argumentsJson.trim() === '' ? {} : JSON.parse(argumentsJson)
    if (!isRecord(input)) return failed('The arguments are not a JSON object.')
    const { isError, text } = await mcp.call(server, tool, input, signal)
    return isError ? failed(text) : { state: 'done', result: text }
  } catch (error) {
    return signal.aborted ? { state: 'refused', result: '' } : failed(errorMessage(error))
  }
}

/** Answers again once all calls of the last answer have ended. */
export async function answerAfterCalls({ context, begin }: CallRunner, chatId: string, messageId: string): Promise<void> {
  const answerId = context.newId()
  let hasBegun = false
  const chat = await context.chats.book.change(chatId, (kept) => {
    if (!isReady(kept, messageId)) return kept
    hasBegun = true
    const modelId = findMessage(kept, messageId).modelId ?? kept.modelId ?? ''
    return withNewAnswer(kept, { id: answerId, atMs: context.clock.epochMs(), questionId: messageId, modelId })
  })
  if (hasBegun) begin(chat, answerId)
}

function isReady({ messages }: Chat, messageId: string): boolean {
  const path: StoredMessage[] = pathTo(messages, messageId)
  const { calls } = path.at(-1) ?? { calls: [] }
  const rounds = path.length - path.findLastIndex(({ role }) => role === 'user')
  const hasNext = messages.some(({ parentId }) => parentId === messageId)
  return calls.length > 0 && calls.every(isSettled) && !hasNext && rounds <= MOST_ROUNDS
}

export const callNotFound = (id: string): AppError => new AppError('chat-not-found', `This answer has no such call: '${id}'.`)

export function withCall(chat: Chat, { messageId, callId }: CallPlace, change: Partial<CallEnd>): Chat {
  return withMessage(chat, messageId, (message) => ({
    ...message,
    calls: message.calls.map((call) => (call.id === callId ? { ...call, ...change } : call)),
  }))
}
