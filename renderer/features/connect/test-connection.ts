import { z } from 'zod'
import type { ConnectTool } from '../../../main/shared/connect/connect-tool.ts'
import type { ApiClient } from '../../client/api-client.ts'

const QUESTION = 'Say hello in one short sentence.'
const MOST_TOKENS = 32

const Chat = z.looseObject({ choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }) })) })
const Messages = z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })) })
const Responses = z.looseObject({
  output: z.array(z.looseObject({ content: z.array(z.looseObject({ text: z.string().optional() })).optional() })),
})
const texts = (parts: readonly { readonly text?: string | undefined }[]): string => parts.map(({ text = '' }) => text).join('')

/** Sends a real request by the API that a tool uses. @returns the model's answer. @throws AppError of the API */
export async function testConnection(api: ApiClient, kind: ConnectTool['api'], model: string, signal: AbortSignal): Promise<string> {
  const messages = [{ role: 'user', content: QUESTION }]
  switch (kind) {
    case 'chat': {
      const { choices } = await api.post('/v1/chat/completions', { model, messages, max_tokens: MOST_TOKENS }, Chat, signal)
      return choices[0]?.message.content ?? ''
    }
    case 'messages': {
      const { content } = await api.post('/v1/messages', { model, messages, max_tokens: MOST_TOKENS }, Messages, signal)
      return texts(content)
    }
    case 'responses': {
      const body = { model, input: QUESTION, max_output_tokens: MOST_TOKENS, store: false }
      const { output } = await api.post('/v1/responses', body, Responses, signal)
      return texts(output.flatMap(({ content = [] }) => content))
    }
  }
}
