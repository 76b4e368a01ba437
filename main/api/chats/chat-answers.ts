import type { Clock } from '../../platform/clock.ts'
import { keepTrying } from '../../platform/waiting/keep-trying.ts'
import type { ChatToolCall } from '../../shared/chats/tool-call.ts'
import { AppError, errorCode } from '../../shared/app-error.ts'
import { withMessage } from '../../shared/chats/chat-changes.ts'
import { type Chat, MOST_MESSAGE_CHARACTERS, type StoredMessage } from '../../shared/chats/chat.ts'
import type { AnswerPart } from '../../shared/chats/take-part.ts'
import type { AnswerEvent } from '../../shared/wire/api/chats.ts'
import { isStopping } from '../sending/open-calls.ts'
import { toApiError } from '../to-api-error.ts'
import { callKey } from './call-key.ts'
import type { ChatBook } from './chat-book.ts'
import { LiveAnswer } from './live-answer.ts'

export type AnswerSource = AsyncIterable<AnswerPart | Extract<AnswerEvent, { type: 'prefill' }>>

const SAVE_MS = 1_000
/** Saving takes at most this part of the time. */
const SAVING_RATIO = 0.1
const RETRY_MS = 10_000

interface Running {
  readonly chatId: string
  readonly live: LiveAnswer
  /** Ends the answer without a trace: its chat was deleted. */
  readonly dropped: AbortController
  readonly work: Promise<void>
}

/** The answers that are being generated. They are saved as they grow, whether or not a page follows them. */
export class ChatAnswers {
  private readonly book: ChatBook
  private readonly timers: Pick<Clock, 'now' | 'sleep'>
  private readonly now: () => number
  private readonly log: { error(message: string, fields: Record<string, unknown>): void }
  private readonly running = new Map<string, Running>()
  /** What stops the calls of tools that are running, by their place. */
  readonly runningCalls = new Map<string, AbortController>()
  private readonly closing = new AbortController()

  constructor(
    book: ChatBook,
    { timers, now, log }: { readonly timers: Pick<Clock, 'now' | 'sleep'>; readonly now: () => number; readonly log: ChatAnswers['log'] },
  ) {
    this.book = book
    this.timers = timers
    this.now = now
    this.log = log
  }

  isAnswering(chatId: string): boolean {
    return [...this.running.values()].some((answer) => answer.chatId === chatId)
  }

  /** The ids of the answers that are being generated in a chat. */
  idsIn(chatId: string): string[] {
    return [...this.running].filter(([, answer]) => answer.chatId === chatId).map(([id]) => id)
  }

  find(messageId: string): LiveAnswer | null {
    return this.running.get(messageId)?.live ?? null
  }

  /** The chat as it is now: with the texts that are not saved yet. */
  current(chat: Chat): Chat {
    const messages = chat.messages.map((message) => this.find(message.id)?.message ?? this.withLostCalls(chat.id, message))
    const running = new Set(this.idsIn(chat.id))
    const isAbandoned = (message: StoredMessage): boolean => message.status === 'streaming' && !running.has(message.id)
    return messages.some(isAbandoned)
      ? { ...chat, messages: messages.map((message) => (isAbandoned(message) ? { ...message, status: 'interrupted' } : message)) }
      : { ...chat, messages }
  }

  /** A call that ran when the node ended can be allowed again. */
  private withLostCalls(chatId: string, message: StoredMessage): StoredMessage {
    const isLost = ({ id, state }: ChatToolCall): boolean =>
      state === 'running' && !this.runningCalls.has(callKey({ chatId, messageId: message.id, callId: id }))
    if (!message.calls.some(isLost)) return message
    return { ...message, calls: message.calls.map((call) => (isLost(call) ? { ...call, state: 'asking' } : call)) }
  }

  /** Generates an answer. Resolves when it is saved; never rejects. */
  run(chatId: string, message: StoredMessage, source: (signal: AbortSignal) => AnswerSource, signal: AbortSignal): Promise<void> {
    const live = new LiveAnswer(message)
    const dropped = new AbortController()
    const work = this.generate(chatId, live, dropped.signal, source, signal).finally(() => {
      if (this.find(message.id) === live) this.running.delete(message.id)
    })
    this.running.set(message.id, { chatId, live, dropped, work })
    return work
  }

  /** Ends the answers of a chat that is deleted. They are not saved. */
  drop(chatId: string): void {
    for (const [key, call] of this.runningCalls) if (key.startsWith(`${chatId}/`)) call.abort()
    for (const id of this.idsIn(chatId)) {
      this.running.get(id)?.dropped.abort()
      this.running.delete(id)
    }
  }

  /** Resolves when all answers are saved. Called when no new ones can begin. */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all([...this.running.values()].map(({ work }) => work))
  }

  private async generate(
    chatId: string,
    live: LiveAnswer,
    dropped: AbortSignal,
    source: (signal: AbortSignal) => AnswerSource,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = new AbortController()
    const saving = this.saveWhileGenerating(chatId, live, AbortSignal.any([ended.signal, dropped]))
    let characters = live.message.content.length
    try {
      for await (const part of source(AbortSignal.any([signal, dropped]))) {
        if (part.type === 'prefill') live.tellPrefill(part.doneTokens, part.totalTokens)
        else live.take(part)
        if (part.type === 'delta') characters += part.content.length + part.reasoning.length
        if (part.type === 'delta' && characters > MOST_MESSAGE_CHARACTERS - 100_000) {
          live.take({ type: 'end', finishReason: 'length', stats: null })
          break
        }
      }
      if (live.message.status === 'streaming') throw new AppError('instance-failed', 'The answer ended early.')
    } catch (error) {
      if (isStopping(signal)) live.become({ status: 'interrupted' })
      else if (errorCode(error) === 'cancelled') live.become({ status: 'stopped' })
      else {
        const { status, code, message } = toApiError(error)
        if (status === 500 && !dropped.aborted) this.log.error('an answer of a chat failed', { chatId, error })
        live.become({ status: 'failed', error: message.slice(0, 4_000), errorCode: code })
      }
    }
    ended.abort()
    await saving
    if (!dropped.aborted) await this.saveAtEnd(chatId, live)
    live.end()
  }

  private async saveWhileGenerating(chatId: string, live: LiveAnswer, signal: AbortSignal): Promise<void> {
    let pauseMs = SAVE_MS
    for (;;) {
      await this.timers.sleep(pauseMs, signal).catch(() => undefined) // the answer has ended
      if (signal.aborted) return
      const startedMs = this.timers.now()
      const { message } = live
      try {
        await this.book.save(chatId, (chat) => withMessage(chat, message.id, () => message))
      } catch (error) {
        if (!signal.aborted) this.log.error('a chat could not be saved, will retry', { chatId, error })
      }
      pauseMs = Math.max(SAVE_MS, (this.timers.now() - startedMs) / SAVING_RATIO)
    }
  }

  /** A full disk may have space later: until then the answer is kept in memory. */
  private async saveAtEnd(chatId: string, live: LiveAnswer): Promise<void> {
    const { message } = live
    const save = async (): Promise<void> => {
      try {
        await this.book.change(chatId, (chat) => withMessage({ ...chat, updatedAtMs: this.now() }, message.id, () => message))
      } catch (error) {
        if (errorCode(error) === 'chat-not-found') return
        this.log.error('an answer could not be saved, will retry', { chatId, error })
        throw error
      }
    }
    await save().catch(() => {
      live.end()
      return keepTrying(save, RETRY_MS, this.timers, this.closing.signal)
    })
  }
}
