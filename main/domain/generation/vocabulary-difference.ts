/** The parts of a tokenizer that are compared. */
export interface Vocabulary {
  readonly vocabSize: number
  tokenBytes(tokenId: number): Uint8Array
}

/**
 * The first id with different tokens in the two vocabularies; null: none. Ids that only one of them has count as unused
 * entries of a larger table, as long as they have no text.
 */
export function vocabularyDifference(left: Vocabulary, right: Vocabulary): number | null {
  const size = Math.max(left.vocabSize, right.vocabSize)
  for (let tokenId = 0; tokenId < size; tokenId++) {
    if (!areEqual(bytesOf(left, tokenId), bytesOf(right, tokenId))) return tokenId
  }
  return null
}

const NONE = new Uint8Array()

function bytesOf(vocabulary: Vocabulary, tokenId: number): Uint8Array {
  return tokenId < vocabulary.vocabSize ? vocabulary.tokenBytes(tokenId) : NONE
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
