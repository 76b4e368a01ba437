import { z } from 'zod'
import { ChatToolCall, MOST_CALLS } from './tool-call.ts'
import { ThreeWays } from './three-ways.ts'

/** The most characters of one question, and of one answer. */
export const MOST_MESSAGE_CHARACTERS = 12_000_000
export const MOST_MESSAGES = 10_000

/** Ids are file names too: no dots and no slashes. */
export const ChatId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/)
const MessageId = ChatId
const ModelName = z.string().max(1024)
const EpochMs = z.number().min(0).max(8.64e15)
const Count = z.number().min(0)

const AnswerStats = z.object({
  promptTokens: Count,
  completionTokens: Count,
  ttftMs: Count,
  decodeTokensPerSecond: Count,
  totalMs: Count,
  /** 0, here and below: an earlier version did not tell. */
  queueMs: Count.default(0),
  prefillTokensPerSecond: Count.default(0),
})
export type AnswerStats = z.infer<typeof AnswerStats>

/** `stopped`: by the user. `cut`: the answer reached its maximum length. `interrupted`: the node ended during the answer. */
const MessageStatus = z.enum(['complete', 'streaming', 'stopped', 'cut', 'failed', 'interrupted'])
export type MessageStatus = z.infer<typeof MessageStatus>

/** The most files of one question. */
export const MOST_ATTACHMENTS = 20

/** A file of a question, as the text that was read from it. */
export const Attachment = z.object({
  // Control characters could end the line in which a prompt names the file.
  name: z
    .string()
    .min(1)
    .max(255)
    // eslint-disable-next-line no-control-regex -- other regex engines do not know \p{Cc}
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'it has control characters'),
  text: z.string().max(MOST_MESSAGE_CHARACTERS),
})
export type Attachment = z.infer<typeof Attachment>

/** Messages form a tree: each later version of a question or an answer has the same parent as the first. */
export const StoredMessage = z.object({
  id: MessageId,
  /** null: the first question of the chat, or a version of it. */
  parentId: MessageId.nullable(),
  role: z.enum(['user', 'assistant']),
  content: z.string().max(MOST_MESSAGE_CHARACTERS),
  /** The files of a question. */
  attachments: z.array(Attachment).max(MOST_ATTACHMENTS).default([]),
  /** Tools that an answer has asked for. The next answer reads their results. */
  calls: z.array(ChatToolCall).max(MOST_CALLS).default([]),
  reasoning: z.string().max(MOST_MESSAGE_CHARACTERS).default(''),
  status: MessageStatus.default('complete'),
  /** Why it failed, as shown to the user. */
  error: z.string().max(4_000).nullable().default(null),
  /** The API's code of that error; null: there is none. */
  errorCode: z.string().max(100).nullable().default(null),
  modelId: ModelName.nullable().default(null),
  /** The answer of another model with which this one is compared until the user keeps one; null: it stands alone. */
  besideId: MessageId.nullable().default(null),
  atMs: EpochMs,
  stats: AnswerStats.nullable().default(null),
  /** null: a single model answered. */
  ways: ThreeWays.nullable().default(null),
})
export type StoredMessage = z.infer<typeof StoredMessage>

/** How much a model thinks before it answers. */
export const ThinkingEffort = z.enum(['off', 'low', 'medium', 'high'])
export type ThinkingEffort = z.infer<typeof ThinkingEffort>

/** null: the default of the model or the node. */
export const ChatSettings = z.object({
  systemPrompt: z.string().max(1_000_000).default(''),
  temperature: z.number().min(0).max(2).nullable().default(null),
  topP: z.number().min(0).max(1).nullable().default(null),
  maxTokens: z.int().min(1).nullable().default(null),
  seed: z.int().nullable().default(null),
  thinking: ThinkingEffort.nullable().default(null),
  /** The MCP servers whose tools the model may ask for. */
  toolServers: z.array(z.string().max(64)).max(64).default([]),
  /** Tools that run without asking the user, as `server/tool`. */
  allowedTools: z.array(z.string().max(400)).max(500).default([]),
  /** Whether a second model writes a draft and a third one judges the answer. */
  isTrifurcated: z.boolean().default(false),
  /** The model for this role of a trifurcated answer; null: the model that answers. */
  draftModelId: ModelName.nullable().default(null),
  validatorModelId: ModelName.nullable().default(null),
})
export type ChatSettings = z.infer<typeof ChatSettings>

export const ChatTitle = z.string().max(200)

export const Chat = z.object({
  id: ChatId,
  title: ChatTitle,
  isPinned: z.boolean().default(false),
  createdAtMs: EpochMs,
  updatedAtMs: EpochMs,
  /** Rises with every change that other windows must see. */
  revision: z.int().min(0).default(0),
  modelId: ModelName.nullable(),
  settings: ChatSettings,
  /** The end of the branch that was shown last. */
  leafId: MessageId.nullable().default(null),
  messages: z.array(StoredMessage).max(MOST_MESSAGES),
})
export type Chat = z.infer<typeof Chat>

/** What the list of chats shows. */
export const ChatSummary = Chat.pick({ id: true, title: true, isPinned: true, createdAtMs: true, updatedAtMs: true, revision: true })
export type ChatSummary = z.infer<typeof ChatSummary>

export function summarizeChat({ id, title, isPinned, createdAtMs, updatedAtMs, revision }: Chat): ChatSummary {
  return { id, title, isPinned, createdAtMs, updatedAtMs, revision }
}
