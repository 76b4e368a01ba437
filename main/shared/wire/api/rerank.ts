import { z } from 'zod'

const Text = z.string().max(2 ** 22)

/** Cohere's and Jina's request; the fields of both are accepted. */
export const RerankRequest = z.looseObject({
  model: z.string().min(1),
  query: Text.min(1),
  /** Texts, or objects with a text. */
  documents: z
    .array(z.union([Text, z.looseObject({ text: Text })]))
    .min(1)
    .max(2048),
  /** Only the best ones; all of them if there are fewer. */
  top_n: z.int().min(1).nullish(),
  return_documents: z.boolean().nullish(),
  /** The end of a longer document is left out. */
  max_tokens_per_doc: z.int().min(1).nullish(),
  /** What counts as a match, for models that take an instruction. */
  instruction: Text.nullish(),
})
export type RerankRequest = z.infer<typeof RerankRequest>

/** What both APIs answer. */
export const RerankAnswer = z.strictObject({
  id: z.string(),
  object: z.literal('list'),
  model: z.string(),
  /** Best first. */
  results: z.array(
    z.strictObject({
      index: z.int(),
      /** From 0 to 1. */
      relevance_score: z.number(),
      document: z.strictObject({ text: z.string() }).optional(),
    }),
  ),
  usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  meta: z.strictObject({
    api_version: z.strictObject({ version: z.string() }),
    billed_units: z.strictObject({ search_units: z.int() }),
    tokens: z.strictObject({ input_tokens: z.int() }),
  }),
})
export type RerankAnswer = z.infer<typeof RerankAnswer>
