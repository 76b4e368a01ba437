import { z } from 'zod'
import {
  Attachment,
  Chat,
  ChatId,
  ChatSettings,
  ChatSummary,
  ChatTitle,
  MOST_ATTACHMENTS,
  MOST_MESSAGE_CHARACTERS,
  StoredMessage,
} from '../../chats/chat.ts'

export const ChatList = z.strictObject({
  chats: z.array(ChatSummary.extend({ isAnswering: z.boolean(), excerpt: z.string().optional() })),
  /** Stored chats that cannot be read; their files are kept. */
  damaged: z.int(),
})
export type ChatList = z.infer<typeof ChatList>

const ModelToAsk = z.string().min(1).max(1024)
const questionFields = {
  text: z.string().max(MOST_MESSAGE_CHARACTERS),
  attachments: z.array(Attachment).max(MOST_ATTACHMENTS).default([]),
  modelId: ModelToAsk,
  /** A model whose answer is compared with the first one's; null: one model answers. */
  otherModelId: ModelToAsk.nullable().default(null),
}
/** What `isSaid` means, for the documentation. */
const SAID = {
  anyOf: [{ properties: { text: { pattern: '\\S' } } }, { properties: { attachments: { minItems: 1 } }, required: ['attachments'] }],
}
const refuseEmpty = { path: ['text'], error: 'it is empty' }
const isSaid = ({ text, attachments }: { readonly text: string; readonly attachments: readonly Attachment[] }): boolean =>
  /\S/.test(text) || attachments.length > 0

/** Starts a chat with its first question. */
export const NewChatRequest = z
  .strictObject({ ...questionFields, settings: ChatSettings })
  .refine(isSaid, refuseEmpty)
  .meta(SAID)

export const QuestionRequest = z
  .strictObject({
    ...questionFields,
    /** The answer that the question follows; null: a new version of the first question. */
    parentId: ChatId.nullable(),
  })
  .refine(isSaid, refuseEmpty)
  .meta(SAID)

/** Another answer to a question. */
export const AnswerRequest = z.strictObject({
  questionId: ChatId,
  modelId: ModelToAsk,
  /** The text with which it begins. The model continues it. */
  start: z.string().max(MOST_MESSAGE_CHARACTERS).default(''),
})

/** The tokens of longer answers are not listed. */
export const MOST_SCORED_CHARACTERS = 20_000

/** The tokens of an answer in their order. */
export const AnswerTokens = z.strictObject({
  tokens: z.array(
    z.strictObject({
      text: z.string(),
      /** null: the model gives none for it. */
      probability: z.number().nullable(),
      /** Other tokens that were likely there, the most likely first. */
      alternatives: z.array(z.strictObject({ text: z.string(), probability: z.number() })),
    }),
  ),
})
export type AnswerTokens = z.infer<typeof AnswerTokens>

export const ChatPatch = z.strictObject({
  title: ChatTitle.min(1).optional(),
  isPinned: z.boolean().optional(),
  settings: ChatSettings.optional(),
  leafId: ChatId.optional(),
})
export type ChatPatch = z.infer<typeof ChatPatch>

/** The messages that a request added or changed. */
export const ChatChange = z.strictObject({ chat: ChatSummary.extend({ leafId: ChatId.nullable() }), messages: z.array(StoredMessage) })
export type ChatChange = z.infer<typeof ChatChange>

export const ChatExport = z.strictObject({ format: z.literal('exo-chats'), version: z.literal(1), chats: z.array(Chat) })

export const ChatImport = z.strictObject({
  format: z.literal('exo-chats').optional(),
  version: z.literal(1).optional(),
  chats: z.array(Chat).max(1_000),
})

/** What an import did: chats that are already here are skipped, and those whose messages do not form a tree are left out. */
export const ChatImportAnswer = z.strictObject({ imported: z.array(ChatId), skipped: z.array(ChatId), damaged: z.array(ChatId) })
export type ChatImportAnswer = z.infer<typeof ChatImportAnswer>

/** `GET /mcp` */
export const McpAnswer = z.strictObject({
  /** The file that names the servers. */
  path: z.string(),
  /** What is wrong with the file; null: nothing. */
  problem: z.string().nullable(),
  servers: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['program', 'address']),
      /** Why it cannot be used; null: it can. */
      problem: z.string().nullable(),
      tools: z.array(z.strictObject({ name: z.string(), description: z.string() })),
    }),
  ),
})
export type McpAnswer = z.infer<typeof McpAnswer>

/** Events of an answer's stream. The first and the last are the whole message. */
export const AnswerEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), message: StoredMessage }),
  /** More of its texts. */
  z.strictObject({ type: z.literal('more'), content: z.string(), reasoning: z.string(), draft: z.string() }),
  /** How much of the prompt has been read, in tokens. */
  z.strictObject({ type: z.literal('prefill'), doneTokens: z.int(), totalTokens: z.int() }),
])
export type AnswerEvent = z.infer<typeof AnswerEvent>
