import { choosePooling } from '../../domain/generation/choose-pooling.ts'
import type { Pooling } from '../../shared/inference/generation.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { InstanceHandle } from '../router-ports.ts'

/** @returns null if no embedding and no scores are requested */
export function poolingOf(
  { embeds, prompt }: Pick<InferenceRequest, 'embeds' | 'prompt'>,
  { modelId, tokenizer }: Pick<InstanceHandle, 'modelId' | 'tokenizer'>,
): Pooling | null {
  if (prompt.kind === 'pair') return 'scores'
  return embeds === true ? choosePooling(modelId, tokenizer.pooling ?? null) : null
}
