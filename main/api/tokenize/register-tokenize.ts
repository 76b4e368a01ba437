import { z } from 'zod'
import type { Prompt } from '../../shared/inference/inference.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import {
  ApplyTemplateRequest,
  DetokenizeAnswer,
  DetokenizeRequest,
  TokenizeAnswer,
  TokenizeRequest,
} from '../../shared/wire/api/tokenize.ts'
import { acceptedPrompt } from '../prompt/accepted-prompt.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { isNamed } from '../models/is-named.ts'
import { isRecord } from '../lenient/json-record.ts'
import { lenientChat } from '../lenient/lenient-chat.ts'
import { toChatPrompt } from '../openai/chat-request.ts'

const tags = ['tokenize']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }
const DEFAULT = 'default'
/** Without a model, the default one is meant, for which another that is loaded may stand in. */
const lenient = (body: unknown): unknown => {
  if (!isRecord(body)) return body
  const named = { ...body, model: body['model'] ?? DEFAULT }
  return Array.isArray(body['messages']) ? lenientChat(named) : named
}

/** null: a text without tokens. */
function toPrompt(body: TokenizeRequest): Prompt | null {
  const { messages, prompt, content } = body
  if (messages !== undefined && messages !== null) return toChatPrompt({ ...body, model: DEFAULT, messages })
  const text = prompt ?? content
  if (text === undefined || text === null)
    throw new ApiError(400, 'invalid_value', "Send the text as 'prompt' or 'content', or a chat as 'messages'.", { param: 'prompt' })
  const addSpecialTokens = body.add_special_tokens ?? body.add_special ?? typeof prompt === 'string'
  return text === '' ? null : { kind: 'text', text, addSpecialTokens }
}

/** Encodes text to token ids and decodes them with a model's tokenizer: the routes of vLLM and llama.cpp. */
export function registerTokenize(server: ApiServer, context: ApiContext): void {
  const contextOf = async (name: string): Promise<number | null> => {
    const model = (await context.models.list()).find((candidate) => isNamed(candidate, name))
    return model?.contextTokens ?? model?.card?.contextTokens ?? null
  }
  for (const path of ['/tokenize', '/v1/tokenize']) {
    server.post(
      path,
      {
        config: { lenient },
        schema: {
          summary: 'The token ids of a text or a chat',
          tags,
          body: TokenizeRequest,
          response: { 200: TokenizeAnswer, ...failures },
        },
      },
      async (request, reply) => {
        const { body } = request
        const requestId = `tokenize_${context.newId()}`
        const prompt = toPrompt(body)
        return context.run([requestId, request.id], reply, async (running, signal) => {
          const tokens =
            prompt === null
              ? []
              : [...(await acceptedPrompt(running, { requestId, model: body.model ?? DEFAULT, prompt }, signal)).promptTokenIds]
          return { tokens, count: tokens.length, max_model_len: await contextOf(body.model ?? DEFAULT) }
        })
      },
    )
  }
  for (const path of ['/detokenize', '/v1/detokenize']) {
    server.post(
      path,
      {
        config: { lenient },
        schema: { summary: 'The text of token ids', tags, body: DetokenizeRequest, response: { 200: DetokenizeAnswer, ...failures } },
      },
      async (request, reply) => {
        const { tokens } = request.body
        const model = request.body.model ?? DEFAULT
        const requestId = `detokenize_${context.newId()}`
        return context.run([requestId, request.id], reply, async (running, signal) => {
          const text =
            tokens.length === 0
              ? ''
              : (await acceptedPrompt(running, { requestId, model, prompt: { kind: 'token-ids', tokenIds: tokens } }, signal)).promptText
          return { prompt: text, content: text }
        })
      },
    )
  }
  server.post(
    '/apply-template',
    {
      config: { lenient },
      schema: {
        summary: "A chat rendered with its model's template",
        tags,
        body: ApplyTemplateRequest,
        response: { 200: z.strictObject({ prompt: z.string() }), ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const requestId = `template_${context.newId()}`
      return context.run([requestId, request.id], reply, async (running, signal) => ({
        prompt: (
          await acceptedPrompt(
            running,
            { requestId, model: body.model ?? DEFAULT, prompt: toChatPrompt({ ...body, model: DEFAULT }) },
            signal,
          )
        ).promptText,
      }))
    },
  )
}
