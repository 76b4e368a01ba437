import { z } from 'zod'
import { AppError } from '../../shared/app-error.ts'
import type { Prompt, TextToken } from '../../shared/inference/inference.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import {
  ApplyTemplateRequest,
  DetokenizeAnswer,
  DetokenizeRequest,
  TgiTokens,
  TokenizeAnswer,
  TokenizeRequest,
  TokenizerInfo,
  TokenizerInfoQuery,
} from '../../shared/wire/api/tokenize.ts'
import { acceptedPrompt } from '../prompt/accepted-prompt.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { isNamed } from '../models/is-named.ts'
import { loadedModel } from '../models/loaded-model.ts'
import { modelNamed, weightsOf } from '../models/model-named.ts'
import { isRecord } from '../lenient/json-record.ts'
import { lenientChat } from '../lenient/lenient-chat.ts'
import { textUnits } from '../openai/logprobs.ts'
import { toChatPrompt } from '../openai/chat-request.ts'
import { pieceOf, promptTokens } from './prompt-tokens.ts'

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
  const text = prompt ?? content ?? body.inputs
  if (text === undefined || text === null)
    throw new ApiError(400, 'invalid_value', "Send the text as 'prompt', 'content' or 'inputs', or a chat as 'messages'.", {
      param: 'prompt',
    })
  const addSpecialTokens = body.add_special_tokens ?? body.add_special ?? typeof content !== 'string'
  return text === '' ? null : { kind: 'text', text, addSpecialTokens }
}

const idsOf = (tokens: readonly TextToken[]): number[] => tokens.map(({ tokenId }) => tokenId)

/** The tokens with their places in the text, as TGI has them. */
function placesOf(tokens: readonly TextToken[]): z.infer<typeof TgiTokens> {
  let start = 0
  return tokens.map(({ tokenId, text, bytes }) => {
    const stop = start + textUnits(bytes)
    const place = { id: tokenId, text, start, stop }
    start = stop
    return place
  })
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
          response: { 200: z.union([TokenizeAnswer, TgiTokens]), ...failures },
        },
      },
      async (request, reply) => {
        const { body } = request
        const model = body.model ?? DEFAULT
        const requestId = `tokenize_${context.newId()}`
        const prompt = toPrompt(body)
        return context.run([requestId, request.id], reply, async (running, signal) => {
          const question = prompt === null ? null : { requestId, model, prompt }
          if (typeof body.inputs === 'string' || body.with_pieces === true || body.return_token_strs === true) {
            const tokens = question === null ? [] : await promptTokens(running, question, signal)
            if (typeof body.inputs === 'string') return placesOf(tokens)
            return {
              tokens: body.with_pieces === true ? tokens.map((token) => ({ id: token.tokenId, piece: pieceOf(token) })) : idsOf(tokens),
              count: tokens.length,
              max_model_len: await contextOf(model),
              ...(body.return_token_strs === true ? { token_strs: tokens.map(({ text }) => text) } : {}),
            }
          }
          const tokens = question === null ? [] : [...(await acceptedPrompt(running, question, signal)).promptTokenIds]
          return { tokens, count: tokens.length, max_model_len: await contextOf(model) }
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
  server.get(
    '/tokenizer_info',
    {
      schema: {
        summary: "The special tokens and the chat template of a model, in vLLM's format",
        tags,
        querystring: TokenizerInfoQuery,
        response: { 200: TokenizerInfo, ...failures },
      },
    },
    async ({ query: { model = DEFAULT } }): Promise<TokenizerInfo> => {
      const named = weightsOf(await modelNamed(context.models, model))
      const modelId = named ?? (model === DEFAULT ? (await loadedModel(context.models)).modelId : model)
      const facts = await context.models.tokenizerFacts(modelId)
      if (facts === null)
        throw new AppError(
          'model-not-found',
          `The files of the model ${modelId} are not on this machine. GET /v1/models lists those that are.`,
        )
      const { tokenizerClass, specialTokens, chatTemplate } = facts
      const token = (name: string): string | null => specialTokens[name] ?? null
      return {
        tokenizer_class: tokenizerClass,
        bos_token: token('bos_token'),
        eos_token: token('eos_token'),
        pad_token: token('pad_token'),
        unk_token: token('unk_token'),
        chat_template: chatTemplate,
      }
    },
  )
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
