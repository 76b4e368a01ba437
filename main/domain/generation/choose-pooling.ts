import type { Pooling } from '../../shared/inference/generation.ts'

/** Decoders trained for embeddings take them from the last token, the only one that has seen the whole text. */
const EMBEDDERS = /embed|e5-mistral|gte-qwen/i

/** @param stated - the pooling given by the model's own files; null: none is given */
export function choosePooling(modelId: string, stated: Pooling | null): Pooling {
  return stated ?? (EMBEDDERS.test(modelId) ? 'last' : 'mean')
}
