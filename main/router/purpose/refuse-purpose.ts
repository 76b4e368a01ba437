import { AppError } from '../../shared/app-error.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { FoundModel } from '../router-ports.ts'

const RERANKERS = 'BAAI/bge-reranker-v2-m3 or Qwen/Qwen3-Reranker-0.6B'

/**
 * Refuses what the model was not made for, before it is loaded. Decoders that were trained for embeddings or reranking still
 * complete text outside a chat, and any model of text makes embeddings.
 *
 * @throws AppError `model-purpose`
 */
export function refusePurpose({ modelId, purpose, isEncoder = false }: FoundModel, { prompt, embeds }: InferenceRequest): void {
  const refuse = (message: string): never => {
    throw new AppError('model-purpose', message, { modelId, purpose: purpose ?? 'text' })
  }
  if (prompt.kind === 'pair') {
    if (purpose === 'rerank') return
    refuse(`${modelId} ${purpose ? 'makes embeddings' : 'generates text'} and does not rerank. Use a reranker, such as ${RERANKERS}.`)
  }
  if (embeds) {
    if (purpose === 'rerank')
      refuse(`${modelId} is a reranker and makes no embeddings. Use it with /v1/rerank, or choose an embedding model.`)
    return
  }
  if (!purpose || (!isEncoder && prompt.kind !== 'messages')) return
  const [does, route] = purpose === 'rerank' ? ['compares texts', '/v1/rerank'] : ['makes embeddings', '/v1/embeddings']
  refuse(`${modelId} ${does} and generates no text. Use it with ${route}, or choose another model.`)
}
