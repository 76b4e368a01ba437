import { AppError } from '../shared/app-error.ts'

/** @throws AppError `invalid-request` for an id that the vocabulary lacks */
export function refuseUnknownIds(tokenIds: readonly number[], vocabSize: number, param: string): void {
  const unknown = tokenIds.find((tokenId) => tokenId >= vocabSize)
  if (unknown === undefined) return
  throw new AppError('invalid-request', `Token id ${unknown} is outside this model's vocabulary of ${vocabSize} tokens.`, {
    param,
    tokenId: unknown,
    vocabSize,
  })
}
