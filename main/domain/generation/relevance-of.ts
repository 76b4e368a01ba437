/**
 * The relevance, from 0 to 1, that a reranker's outputs state: one logit of "relevant", or those of "no" and "yes".
 *
 * @returns null for a number of outputs that no reranker has
 */
export function relevanceOf(logits: readonly number[]): number | null {
  const [first, second] = logits
  if (first === undefined || logits.length > 2) return null
  return 1 / (1 + Math.exp(second === undefined ? -first : first - second))
}
