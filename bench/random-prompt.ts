/**
 * Token ids that repeat for the same seed and share no beginning with those of another, so that no cache helps.
 *
 * @returns shape [tokens], from 3 (below are often special tokens) up to `vocabSize`
 */
export function randomPrompt(seed: number, tokens: number, vocabSize: number): number[] {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  return Array.from({ length: tokens }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 3 + Math.floor((state / 2 ** 32) * (vocabSize - 3))
  })
}
