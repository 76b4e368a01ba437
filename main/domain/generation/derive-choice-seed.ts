import { deriveShardSeed } from './derive-shard-seed.ts'

/** The seed, in decimal, for sampling choice `choiceIndex` of a request. Choice 0 keeps the request's own. */
export function deriveChoiceSeed(requestSeed: string, choiceIndex: number): string {
  return choiceIndex === 0 ? requestSeed : deriveShardSeed(BigInt(requestSeed), choiceIndex, 0).toString()
}
