import type { LmStudioModel, LmStudioModelV0 } from '../../shared/wire/api/lm-studio.ts'
import type { ListedModel } from '../api-dependencies.ts'
import { modelCapabilities } from '../models/model-capabilities.ts'
import { formatParameterCount, parameterCount } from '../models/parameter-count.ts'
import { toWireModel } from '../models/to-wire-model.ts'

const quantizationName = ({ card }: ListedModel): string => (card?.quantization ? `${card.quantization.bits}bit` : 'bf16')
const publisherOf = ({ modelId }: ListedModel): string => (modelId.startsWith('/') ? '' : modelId.split('/').slice(0, -1).join('/'))

/** A model in the format of LM Studio's API of version 0. */
export function toLmStudioModelV0(model: ListedModel): LmStudioModelV0 {
  const { id, state, context_length: context } = toWireModel(model, 0)
  const capabilities = modelCapabilities(model)
  return {
    id,
    object: 'model',
    type: capabilities.includes('embedding') ? 'embeddings' : 'llm',
    publisher: publisherOf(model),
    arch: model.card?.family ?? '',
    compatibility_type: 'mlx',
    quantization: quantizationName(model),
    state,
    max_context_length: model.card?.contextTokens ?? context ?? 0,
    ...(model.loaded && context !== null ? { loaded_context_length: context } : {}),
    capabilities: capabilities.includes('tools') ? ['tool_use'] : [],
  }
}

/** A model in the format of LM Studio's API of version 1. A loaded model has one instance, of the same name. */
export function toLmStudioModel(model: ListedModel): LmStudioModel {
  const { id, display_name: name, context_length: context } = toWireModel(model, 0)
  const { card, loaded } = model
  const capabilities = modelCapabilities(model)
  const isEmbedding = capabilities.includes('embedding')
  return {
    type: isEmbedding ? 'embedding' : 'llm',
    publisher: publisherOf(model),
    key: id,
    display_name: name,
    architecture: card?.family ?? null,
    quantization: card?.quantization ? { name: quantizationName(model), bits_per_weight: card.quantization.bits } : null,
    size_bytes: card?.weightBytes ?? 0,
    params_string: card ? formatParameterCount(parameterCount(card)) : null,
    loaded_instances: loaded ? [{ id, config: { context_length: context ?? 0 } }] : [],
    max_context_length: card?.contextTokens ?? context ?? 0,
    format: 'mlx',
    ...(isEmbedding ? {} : { capabilities: { vision: false, trained_for_tool_use: capabilities.includes('tools') } }),
    description: null,
  }
}
