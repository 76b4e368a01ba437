import { describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { refusePurpose } from './refuse-purpose.ts'

const modelId = ModelId.parse('org/model')
const chat = { prompt: { kind: 'messages', messages: [{ role: 'user', content: 'Hi' }] } } as unknown as InferenceRequest
const text = { prompt: { kind: 'text', text: 'Hi' } } as unknown as InferenceRequest
const embedding = { ...text, embeds: true }
const pair = { prompt: { kind: 'pair', query: 'a', document: 'b' }, embeds: true } as unknown as InferenceRequest
const embedder = { modelId, purpose: 'embeddings', isEncoder: true } as const
const reranker = { modelId, purpose: 'rerank', isEncoder: true } as const

describe('a request', () => {
  it('is served by a model that was made for it', () => {
    for (const [model, request] of [
      [{ modelId }, chat],
      [{ modelId }, text],
      [{ modelId }, embedding],
      [embedder, embedding],
      [reranker, pair],
      // A decoder completes text, such as a prompt for its own "yes" and "no".
      [{ ...reranker, isEncoder: false }, text],
    ] as const)
      expect(() => refusePurpose(model, request)).not.toThrow()
  })

  it.each([
    [embedder, chat, /makes embeddings and generates no text/],
    [embedder, text, /\/v1\/embeddings/],
    [{ ...embedder, isEncoder: false }, chat, /makes embeddings/],
    [reranker, chat, /\/v1\/rerank/],
    [reranker, embedding, /makes no embeddings/],
    [embedder, pair, /does not rerank.*bge-reranker/],
    [{ modelId }, pair, /generates text and does not rerank/],
  ] as const)('is refused by name where it was made for something else', (model, request, message) => {
    expect(() => refusePurpose(model, request)).toThrow(message)
    expect(() => refusePurpose(model, request)).toThrow(expect.objectContaining({ code: 'model-purpose' }))
  })
})
