/** Rules of a request for single tokens, in addition to sampling; ids are those of the model. */
export interface TokenRules {
  /** Each ends the answer, beside the model's own. */
  readonly stopTokenIds?: readonly number[]
  /** Minimum answer length in tokens: before it, only the maximum length ends the answer. */
  readonly minTokens?: number
  readonly allowedTokenIds?: readonly number[]
  /** The answer has none of these texts where it would spell them as the tokenizer does. */
  readonly badWords?: readonly string[]
  /** The stop string, or the text of the token, that ended the answer is part of it. */
  readonly showsStop?: boolean
  readonly showsSpecialTokens?: boolean
  /** Keep only this many of the last prompt tokens; -1: as many as leave room for the answer. */
  readonly lastPromptTokens?: number
  /** Leaves out the end of a prompt that the context does not hold. */
  readonly cutsPromptEnd?: boolean
}
