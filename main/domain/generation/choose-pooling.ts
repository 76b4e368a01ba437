import type { Pooling } from '../../shared/inference/generation.ts'

/** Decoders that were trained for embeddings read them off the last token, which alone has seen the whole text. */
const EMBEDDERS = /embed|e5-mistral|gte-qwen/i

/** @param stated - by the model's own files; null: they do not say */
export function choosePooling(modelId: string, stated: Pooling | null): Pooling {
  return stated ?? (EMBEDDERS.test(modelId) ? 'last' : 'mean')
}
