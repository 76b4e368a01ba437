import type { WireModel } from '../../shared/wire/api/openai-models.ts'
import type { ListedModel } from '../api-dependencies.ts'
import { modelCapabilities } from './model-capabilities.ts'

/** A model in the format of `/v1/models`. */
export function toWireModel(model: ListedModel, createdS: number): WireModel {
  /** The context length of the model's instance, if one is loaded. */
  const contextTokens = model.contextTokens ?? model.card?.contextTokens ?? null
  return {
    id: model.modelId,
    object: 'model',
    type: 'model',
    display_name: model.modelId.split('/').at(-1) ?? model.modelId,
    created_at: new Date(createdS * 1000).toISOString(),
    created: createdS,
    owned_by: 'exo',
    aliases: [...model.aliases],
    loaded: model.loaded,
    context_tokens: contextTokens,
    context_length: contextTokens,
    context_window: contextTokens,
    max_model_len: contextTokens,
    max_context_length: contextTokens,
    max_input_tokens: contextTokens,
    max_tokens: contextTokens,
    state: model.loaded ? 'loaded' : model.isLoading === true ? 'loading' : 'not-loaded',
    capabilities: modelCapabilities(model),
    meta: { n_ctx_train: model.card?.contextTokens ?? null },
  }
}
