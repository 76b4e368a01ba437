/** Rules of a request for individual tokens, in addition to sampling. Ids are those of the model. */
export interface TokenRules {
  /** Each of them ends the answer, in addition to the model's own. */
  readonly stopTokenIds?: readonly number[]
  /** Minimum answer length in tokens: before it, only the maximum length ends the answer. */
  readonly minTokens?: number
  readonly allowedTokenIds?: readonly number[]
  /** The answer contains none of these texts in the tokenizer's own encoding. */
  readonly badWords?: readonly string[]
  /** The stop string, or the text of the token, that ended the answer is included in it. */
  readonly showsStop?: boolean
  readonly showsSpecialTokens?: boolean
  /** Keep only this many of the last prompt tokens; -1: as many as leave room for the answer. */
  readonly lastPromptTokens?: number
  /** Leaves out the end of a prompt that the context does not hold. */
  readonly cutsPromptEnd?: boolean
}
