import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { TokenRules } from '../../shared/inference/token-rules.ts'
import type { TokenRuleFields } from '../../shared/wire/api/token-rule-fields.ts'

/** A request's rules for individual tokens. Rules without effect are left out. */
export function tokenRulesOf(body: Partial<TokenRuleFields>): Pick<InferenceRequest, 'tokenRules'> {
  const badWords = (body.bad_words ?? []).filter((word) => word.trim() !== '')
  const rules: TokenRules = {
    ...(body.stop_token_ids?.length ? { stopTokenIds: body.stop_token_ids } : {}),
    ...(body.min_tokens ? { minTokens: body.min_tokens } : {}),
    ...(body.allowed_token_ids?.length ? { allowedTokenIds: body.allowed_token_ids } : {}),
    ...(badWords.length > 0 ? { badWords } : {}),
    ...(body.include_stop_str_in_output === true ? { showsStop: true } : {}),
    ...(body.skip_special_tokens === false ? { showsSpecialTokens: true } : {}),
    ...(body.truncate_prompt_tokens ? { lastPromptTokens: body.truncate_prompt_tokens } : {}),
  }
  return Object.keys(rules).length === 0 ? {} : { tokenRules: rules }
}
