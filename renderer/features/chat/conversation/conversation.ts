import { z } from 'zod'
import type { StreamedChatPart, ChatRequest } from '../../../client/stream-chat.ts'
import { NO_WAYS, ThreeWays } from './three-ways.ts'

const AnswerStats = z.object({
  promptTokens: z.number(),
  completionTokens: z.number(),
  ttftMs: z.number(),
  decodeTokensPerSecond: z.number(),
  totalMs: z.number(),
})
export type AnswerStats = z.infer<typeof AnswerStats>

/** `stopped`: by the user, or because the page was closed. `cut`: the answer reached its maximum length. */
const MessageStatus = z.enum(['complete', 'streaming', 'stopped', 'cut', 'failed'])
export type MessageStatus = z.infer<typeof MessageStatus>

export const ConversationMessage = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  reasoning: z.string().default(''),
  status: MessageStatus.default('complete'),
  /** Why it failed, as shown to the user. */
  error: z.string().nullable().default(null),
  modelId: z.string().nullable().default(null),
  stats: AnswerStats.nullable().default(null),
  /** null: a single model answered. */
  ways: ThreeWays.nullable().default(null),
})
export type ConversationMessage = z.infer<typeof ConversationMessage>

/** null: the default of the model or the node. */
export const ChatSettings = z.object({
  systemPrompt: z.string().default(''),
  temperature: z.number().min(0).max(2).nullable().default(null),
  topP: z.number().min(0).max(1).nullable().default(null),
  maxTokens: z.int().min(1).nullable().default(null),
  seed: z.int().nullable().default(null),
  /** Whether a second model writes a draft and a third one judges the answer. */
  isTrifurcated: z.boolean().default(false),
  /** The model for this role of a trifurcated answer; null: the model that answers. */
  draftModelId: z.string().nullable().default(null),
  validatorModelId: z.string().nullable().default(null),
})
export type ChatSettings = z.infer<typeof ChatSettings>

export const Conversation = z.object({
  id: z.string(),
  title: z.string(),
  updatedAtMs: z.number(),
  modelId: z.string().nullable(),
  settings: ChatSettings,
  messages: z.array(ConversationMessage),
})
export type Conversation = z.infer<typeof Conversation>

const TITLE_CHARACTERS = 60

function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS - 1).trimEnd()}…` : line
}

/** Appends a question and an empty answer. */
export function withQuestion(
  conversation: Conversation,
  question: { readonly id: string; readonly text: string },
  answer: { readonly id: string; readonly modelId: string },
): Conversation {
  const asked = ConversationMessage.parse({ id: question.id, role: 'user', content: question.text })
  const title = conversation.messages.length === 0 ? titleOf(question.text) : conversation.title
  return withAnsweredMessage({ ...conversation, title, messages: [...conversation.messages, asked] }, answer)
}

export function withAnsweredMessage(
  conversation: Conversation,
  { id, modelId }: { readonly id: string; readonly modelId: string },
): Conversation {
  const answer = ConversationMessage.parse({ id, role: 'assistant', content: '', status: 'streaming', modelId })
  return { ...conversation, modelId, messages: [...conversation.messages, answer] }
}

/** The conversation up to, and without, a message. */
export function before(conversation: Conversation, messageId: string): Conversation {
  const index = conversation.messages.findIndex(({ id }) => id === messageId)
  return index < 0 ? conversation : { ...conversation, messages: conversation.messages.slice(0, index) }
}

export function withMessage(
  conversation: Conversation,
  messageId: string,
  change: (message: ConversationMessage) => ConversationMessage,
): Conversation {
  return { ...conversation, messages: conversation.messages.map((message) => (message.id === messageId ? change(message) : message)) }
}

/** The answer after one more part of its stream. */
export function takePart(message: ConversationMessage, part: StreamedChatPart): ConversationMessage {
  if (part.type === 'delta') return { ...message, content: message.content + part.content, reasoning: message.reasoning + part.reasoning }
  const ways = message.ways ?? NO_WAYS
  if (part.type === 'draft') return { ...message, ways: { ...ways, draft: ways.draft + part.content } }
  if (part.type === 'verdict') return { ...message, ways: { ...ways, verdict: { verdict: part.verdict, reason: part.reason } } }
  if (part.type === 'group')
    return {
      ...message,
      ways: { ...ways, groups: [...ways.groups, { role: part.role, model: part.model, nodeIds: [...part.nodeIds], notice: part.notice }] },
    }
  const status: MessageStatus = part.finishReason === 'length' ? 'cut' : part.finishReason === 'cancelled' ? 'stopped' : 'complete'
  const stats = part.usage &&
    part.timings && {
      promptTokens: part.usage.prompt_tokens,
      completionTokens: part.usage.completion_tokens,
      ttftMs: part.timings.ttft_ms,
      decodeTokensPerSecond: part.timings.decode_tokens_per_second,
      totalMs: part.timings.total_ms,
    }
  return { ...message, status, stats }
}

/** The request for the last answer. Empty answers are left out, because models would imitate them. */
export function toChatRequest({ messages, settings, modelId }: Conversation): ChatRequest {
  const { systemPrompt, temperature, topP, maxTokens, seed, isTrifurcated, draftModelId, validatorModelId } = settings
  const said = messages.filter(({ role, content }) => role === 'user' || content !== '').map(({ role, content }) => ({ role, content }))
  return {
    model: modelId ?? '',
    messages: systemPrompt.trim() === '' ? said : [{ role: 'system' as const, content: systemPrompt }, ...said],
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(maxTokens === null ? {} : { max_completion_tokens: maxTokens }),
    ...(seed === null ? {} : { seed }),
    ...(isTrifurcated && draftModelId !== null ? { speculative_model: draftModelId } : {}),
    ...(isTrifurcated && validatorModelId !== null ? { validator_model: validatorModelId } : {}),
  }
}
