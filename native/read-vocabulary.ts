import type { TokenVocabulary } from '../main/shared/inference/grammar.ts'
import type { EngineVocabulary } from './binding.ts'
import { NativeError } from './native-error.ts'

/** @throws NativeError `model-damaged` if a token does not lie within the bytes */
export function readVocabulary(vocabulary: TokenVocabulary): EngineVocabulary {
  const bytes = new Uint8Array(Buffer.from(vocabulary.bytes, 'base64'))
  const stored = Buffer.from(vocabulary.ends, 'base64')
  const ends = Uint32Array.from({ length: stored.length >>> 2 }, (_, index) => stored.readUInt32LE(index * 4))
  const isOrdered = ends.every((end, index) => end >= (ends[index - 1] ?? 0))
  if (!isOrdered || ends.at(-1) !== bytes.length)
    throw new NativeError('model-damaged', "The tokens of the model's vocabulary do not fit its bytes.")
  return { bytes, ends }
}
