import { z } from 'zod'
import { TokenId } from '../../ids.ts'
import { ChatCompletionRequest } from './openai.ts'
import { REFUSED } from './refused.ts'

/** Omitted or null: the default model, because llama.cpp's clients name none. */
const model = z.string().min(1).nullish()

/** vLLM's request with `prompt` or `messages`, and llama.cpp's with `content`. */
export const TokenizeRequest = z.looseObject({
  model,
  /** Either this field or one of the next two. */
  prompt: z
    .union([z.string(), z.null().meta(REFUSED)])
    .optional()
    .meta({ 'x-needed': true }),
  content: z.string().nullish().meta(REFUSED),
  /** TGI's name: the answer is a list of tokens with their places in the text. */
  inputs: z.string().nullish().meta(REFUSED),
  messages: ChatCompletionRequest.shape.messages.nullish().meta(REFUSED),
  tools: ChatCompletionRequest.shape.tools,
  chat_template_kwargs: ChatCompletionRequest.shape.chat_template_kwargs,
  /** vLLM's and llama.cpp's names. Default: true with a prompt, false with a content. */
  add_special_tokens: z.boolean().nullish(),
  add_special: z.boolean().nullish(),
  /** llama.cpp's: each token with its text. */
  with_pieces: z.boolean().nullish(),
  /** vLLM's: the texts of the tokens in a second list. */
  return_token_strs: z.boolean().nullish(),
})
export type TokenizeRequest = z.infer<typeof TokenizeRequest>

/** A token that is part of a character has its bytes as its piece. */
const TokenPiece = z.strictObject({ id: z.int(), piece: z.union([z.string(), z.array(z.int())]) })
export const TokenizeAnswer = z.strictObject({
  tokens: z.union([z.array(z.int()), z.array(TokenPiece)]),
  count: z.int(),
  max_model_len: z.int().nullable(),
  token_strs: z.array(z.string()).optional(),
})
/** TGI's answer. Places are counted in characters. */
export const TgiTokens = z.array(z.strictObject({ id: z.int(), text: z.string(), start: z.int(), stop: z.int() }))

/** vLLM's answer. A token is null if the model does not name one. */
export const TokenizerInfo = z.strictObject({
  tokenizer_class: z.string().nullable(),
  bos_token: z.string().nullable(),
  eos_token: z.string().nullable(),
  pad_token: z.string().nullable(),
  unk_token: z.string().nullable(),
  chat_template: z.string().nullable(),
})
export type TokenizerInfo = z.infer<typeof TokenizerInfo>

/** Without a model, the loaded one is meant. */
export const TokenizerInfoQuery = z.object({ model: z.string().min(1).optional() })

export const DetokenizeRequest = z.looseObject({ model, tokens: z.array(TokenId) })

/** The same text under both names. */
export const DetokenizeAnswer = z.strictObject({ prompt: z.string(), content: z.string() })

export const ApplyTemplateRequest = z.looseObject({
  model,
  messages: ChatCompletionRequest.shape.messages,
  tools: ChatCompletionRequest.shape.tools,
  chat_template_kwargs: ChatCompletionRequest.shape.chat_template_kwargs,
})
