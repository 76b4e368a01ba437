/**
 * Token ids for a prompt. The same seed gives the same ids, and different seeds share no prefix, so that no cache helps.
 *
 * @returns shape [tokens], from 3 (lower ids are often special tokens) to below `vocabSize`
 */
export function randomPrompt(seed: number, tokens: number, vocabSize: number): number[] {
  let state = (seed * 2_654_435_761 + 1) >>> 0
  return Array.from({ length: tokens }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 3 + Math.floor((state / 2 ** 32) * (vocabSize - 3))
  })
}
