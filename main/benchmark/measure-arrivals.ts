/** Arrival times of the pieces of one answer, by the client's clock. */
export interface Arrivals {
  readonly startMs: number
  readonly endMs: number
  /** The server's count; null: not reported. */
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** Pieces that contain text or tokens. */
  readonly pieces: readonly { readonly atMs: number; readonly tokens: number }[]
}

export interface RequestFigures {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly ttftMs: number
  /** Prompt tokens divided by the time to the first token. */
  readonly prefillTokensPerSecond: number
  /** From the first token to the last; null: they all arrived at once. */
  readonly decodeTokensPerSecond: number | null
  /** One value per token after the first piece; the tokens of a piece share its interval. */
  readonly interTokenMs: readonly number[]
  readonly startMs: number
  readonly endMs: number
}

/**
 * @param askedPromptTokens - used if the server does not count the tokens
 * @returns null if no tokens arrived
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
  // A server may combine several tokens in a piece without saying how many: its own total is divided among the pieces.
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
