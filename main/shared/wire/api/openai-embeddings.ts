import { z } from 'zod'
import { TokenId } from '../../ids.ts'

const TokenIds = z.array(TokenId).min(1)

/** An empty text has nothing to embed. */
const EmbeddedText = z.string().min(1)

export const EmbeddingRequest = z.looseObject({
  model: z.string().min(1),
  /** One text, several texts, one of token ids, several of them. */
  input: z.union([EmbeddedText, z.array(EmbeddedText).min(1).max(2048), TokenIds, z.array(TokenIds).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  /** Only the first numbers of each vector, again of length 1. */
  dimensions: z
    .int()
    .min(1)
    .max(2 ** 16)
    .nullish(),
  user: z.string().nullish(),
  add_special_tokens: z.boolean().nullish(),
  /** What the embeddings are for, in words; in place of `prompt_name`. */
  instruction: z.string().nullish(),
  /** One of the prompts that the model's files name, such as `query` or `document`. */
  prompt_name: z.string().nullish(),
  /** Leaves out the end of a longer text. */
  truncate: z.boolean().nullish(),
})
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>

export const EmbeddingList = z.strictObject({
  object: z.literal('list'),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: z.int(),
      /** As base64: 32-bit floats, the lowest byte first. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
})
export type EmbeddingList = z.infer<typeof EmbeddingList>

/** llama.cpp's answer, with a list of vectors per text, and TEI's. */
export const LlamaEmbeddings = z.array(z.strictObject({ index: z.int(), embedding: z.array(z.array(z.number())) }))
export const TeiEmbeddings = z.array(z.array(z.number()))
