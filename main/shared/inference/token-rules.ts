/** What a request wants of single tokens, beyond how they are drawn; ids are the model's own. */
export interface TokenRules {
  /** Each ends the answer, beside the model's own. */
  readonly stopTokenIds?: readonly number[]
  /** Before so many nothing ends the answer but its limit. */
  readonly minTokens?: number
  readonly allowedTokenIds?: readonly number[]
  /** The answer has none of these texts where it would spell them as the tokenizer does. */
  readonly badWords?: readonly string[]
  /** The stop string, or the text of the token, that ended the answer is part of it. */
  readonly showsStop?: boolean
  readonly showsSpecialTokens?: boolean
  /** Only so many of the prompt's last tokens are read; -1: as many as leave room for the answer. */
  readonly lastPromptTokens?: number
}
