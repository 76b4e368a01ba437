import { deriveShardSeed } from '../domain/generation/derive-shard-seed.ts'

/** Ids below this are often special tokens. */
const FIRST_TOKEN_ID = 3

const WORDS = (
  'time year people way day man thing woman life child world school state family student group country ' +
  'problem hand part place case week company system program question work government number night point ' +
  'home water room mother area money story fact month lot right study book eye job word business issue ' +
  'side kind head house service friend father power hour game line end member law car city community name'
).split(' ')

const draw = (seed: number, promptIndex: number, step: number, below: number): number =>
  Number(deriveShardSeed(BigInt(seed), promptIndex, step) % BigInt(below))

/** Random token ids: no two prompts share a prefix, so the prefix cache has no effect. */
export function makeTokenPrompt(seed: number, promptIndex: number, tokens: number, vocabSize: number): number[] {
  return Array.from({ length: tokens }, (_, step) => FIRST_TOKEN_ID + draw(seed, promptIndex, step, vocabSize - FIRST_TOKEN_ID))
}

/** Random common words, most of which are one token in most vocabularies. */
export function makeTextPrompt(seed: number, promptIndex: number, words: number): string {
  return Array.from({ length: words }, (_, step) => WORDS[draw(seed, promptIndex, step, WORDS.length)]).join(' ')
}
