import { z } from 'zod'

export const MOST_CALLS = 64
export const MOST_RESULT_CHARACTERS = 200_000

/** A call of a tool that a model has asked for. `asking`: the user has not decided yet. */
export const ChatToolCall = z.object({
  id: z.string().min(1).max(128),
  server: z.string().max(64),
  tool: z.string().max(256),
  argumentsJson: z.string().max(1_000_000),
  state: z.enum(['asking', 'running', 'done', 'failed', 'refused']),
  /** What the tool answered, or why it failed. */
  result: z
    .string()
    .max(MOST_RESULT_CHARACTERS + 1_000)
    .default(''),
})
export type ChatToolCall = z.infer<typeof ChatToolCall>

/** A tool as its server describes it. */
export interface McpTool {
  readonly name: string
  readonly description: string
  /** A JSON schema. */
  readonly parameters: Record<string, unknown>
}

/** A tool of a server, as the settings of a chat name it. */
export const toolKey = ({ server, tool }: Pick<ChatToolCall, 'server' | 'tool'>): string => `${server}/${tool}`

/** The name of a tool for models, which take letters, digits, `_` and `-`, and at most 64 of them. */
export function functionNameOf({ server, tool }: Pick<ChatToolCall, 'server' | 'tool'>): string {
  return `${server}__${tool}`.replace(/[^\w-]/g, '_').slice(0, 64)
}

export const isSettled = ({ state }: ChatToolCall): boolean => state === 'done' || state === 'failed' || state === 'refused'

/** What the model reads as the result. */
export const resultForModel = ({ state, result }: ChatToolCall): string =>
  state === 'done' || state === 'failed' ? result : 'The user did not allow this call.'
