import { z } from 'zod'
import { TokenId } from '../../ids.ts'
import { REFUSED } from './refused.ts'

/** vLLM's fields for individual tokens, under vLLM's names. */
export const tokenRuleFields = {
  /** Each of them ends the answer, in addition to the model's own. */
  stop_token_ids: z.array(TokenId).max(512).nullish(),
  /** Minimum answer length in tokens: before it, only the maximum length ends the answer. */
  min_tokens: z.int().min(0).nullish(),
  /** Empty: all. Ids outside the model's vocabulary are refused. */
  allowed_token_ids: z
    .array(TokenId)
    .max(2 ** 18)
    .nullish()
    .meta(REFUSED),
  bad_words: z.array(z.string().max(256)).max(256).nullish(),
  include_stop_str_in_output: z.boolean().nullish(),
  skip_special_tokens: z.boolean().nullish(),
  /** Keep only this many of the last prompt tokens; -1: as many as leave room for the answer. */
  truncate_prompt_tokens: z.int().min(-1).nullish(),
}
export type TokenRuleFields = z.infer<z.ZodObject<typeof tokenRuleFields>>
