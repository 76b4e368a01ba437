/** When the pieces of one answer came, on the client's clock. */
export interface Arrivals {
  readonly startMs: number
  readonly endMs: number
  /** As the server counts them; null: it does not say. */
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** Pieces with text or tokens in them. */
  readonly pieces: readonly { readonly atMs: number; readonly tokens: number }[]
}

export interface RequestFigures {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly ttftMs: number
  /** Prompt over the time to the first token. */
  readonly prefillTokensPerSecond: number
  /** From the first token to the last; null: all came at once. */
  readonly decodeTokensPerSecond: number | null
  /** One for each token but the first piece's; those of a piece share its gap. */
  readonly interTokenMs: readonly number[]
  readonly startMs: number
  readonly endMs: number
}

/**
 * @param askedPromptTokens - where the server does not count them
 * @returns null where not one token came
 */
export function measureArrivals(
  { startMs, endMs, promptTokens, completionTokens, pieces }: Arrivals,
  askedPromptTokens: number,
): RequestFigures | null {
  const first = pieces[0]
  const last = pieces.at(-1)
  if (!first || !last) return null
  const seenTokens = pieces.reduce((total, { tokens }) => total + tokens, 0)
  const allTokens = completionTokens ?? seenTokens
  const prompt = promptTokens ?? askedPromptTokens
  const ttftMs = first.atMs - startMs
  const decodeMs = last.atMs - first.atMs
  // A server may join several tokens to a piece and not say how many: its own count is shared out.
  const tokensPerPiece = allTokens / seenTokens
  const decodedTokens = allTokens - first.tokens * tokensPerPiece
  return {
    promptTokens: prompt,
    completionTokens: allTokens,
    ttftMs,
    prefillTokensPerSecond: (1000 * prompt) / ttftMs,
    decodeTokensPerSecond: decodeMs > 0 ? (1000 * decodedTokens) / decodeMs : null,
    interTokenMs: pieces.slice(1).flatMap(({ atMs, tokens }, index) => {
      const share = Math.max(1, Math.round(tokens * tokensPerPiece))
      const gapMs = atMs - (pieces[index]?.atMs ?? atMs)
      return Array.from({ length: share }, () => gapMs / share)
    }),
    startMs,
    endMs,
  }
}
