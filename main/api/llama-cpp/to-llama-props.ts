import { MAX_BATCH } from '../../shared/inference/most-generations.ts'
import type { LlamaProps } from '../../shared/wire/api/llama-cpp.ts'
import type { ListedModel, TokenizerFileFacts } from '../api-dependencies.ts'

/** The model that a server of one model would have, in llama.cpp's format. Its own recommendations win over OpenAI's defaults. */
export function toLlamaProps(model: ListedModel | null, facts: TokenizerFileFacts | null, version: string): LlamaProps {
  const { temperature = 1, topP = 1, topK = 0, minP = 0, repetitionPenalty = 1 } = model?.card?.sampling ?? {}
  const modelId = model?.modelId ?? ''
  return {
    default_generation_settings: {
      n_ctx: model?.contextTokens ?? model?.card?.contextTokens ?? 0,
      params: {
        temperature,
        top_p: topP,
        top_k: topK,
        min_p: minP,
        repeat_penalty: repetitionPenalty,
        presence_penalty: 0,
        frequency_penalty: 0,
        n_predict: -1,
        max_tokens: -1,
        stream: false,
      },
    },
    total_slots: MAX_BATCH,
    chat_template: facts?.chatTemplate ?? '',
    bos_token: facts?.specialTokens['bos_token'] ?? '',
    eos_token: facts?.specialTokens['eos_token'] ?? '',
    model_alias: modelId,
    model_path: modelId,
    modalities: { vision: false, audio: false },
    build_info: `exo ${version}`,
    is_sleeping: model === null,
  }
}
