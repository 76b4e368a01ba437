import { relevanceOf } from '../../domain/generation/relevance-of.ts'
import type { Prompt } from '../../shared/inference/inference.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { RerankAnswer, RerankRequest } from '../../shared/wire/api/rerank.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { embedTexts } from '../embeddings/embed-texts.ts'
import { lenientRerank } from '../lenient/lenient-rerank.ts'
import { sendWhole } from '../sending/send-whole.ts'

const textOf = (document: RerankRequest['documents'][number]): string => (typeof document === 'string' ? document : document.text)

function toPairs({ query, documents, instruction, max_tokens_per_doc: documentTokens }: RerankRequest): Prompt[] {
  return documents.map((document) => ({
    kind: 'pair',
    query,
    document: textOf(document),
    ...(instruction == null ? {} : { instruction }),
    ...(documentTokens == null ? {} : { documentTokens }),
  }))
}

function toResults(vectors: readonly (readonly number[])[], body: RerankRequest, returnsDocuments: boolean): RerankAnswer['results'] {
  const results = vectors.map((logits, index) => {
    const relevance = relevanceOf(logits)
    if (relevance === null)
      throw new ApiError(400, 'model_unsupported', `The model has ${logits.length} classes; a reranker has one or two.`, { param: 'model' })
    const document = body.documents[index]
    return {
      index,
      relevance_score: relevance,
      ...(returnsDocuments && document !== undefined ? { document: { text: textOf(document) } } : {}),
    }
  })
  return results.sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index).slice(0, body.top_n ?? results.length)
}

/** Reranking in the format of Cohere and Jina: documents are put in the order in which they match a query. */
export function registerRerank(server: ApiServer, context: ApiContext): void {
  // Cohere's second version never returns documents unless they are requested.
  for (const [path, returnsByDefault] of [
    ['/v1/rerank', true],
    ['/v2/rerank', false],
  ] as const) {
    server.post(
      path,
      {
        config: { lenient: lenientRerank, needs: 'rerank' },
        schema: {
          summary: 'Documents in the order in which they match a query',
          tags: ['rerank'],
          body: RerankRequest,
          response: { 200: RerankAnswer, '4xx': ErrorBody, '5xx': ErrorBody },
        },
      },
      async (request, reply) => {
        const { body } = request
        const requestId = `rerank-${context.newId()}`
        const question = { requestId, model: body.model, prompts: toPairs(body), dimensions: null, truncates: false }
        return context.run([requestId, request.id], reply, async (running, signal) => {
          const answer = async (): Promise<RerankAnswer> => {
            const { modelId, vectors, promptTokens } = await embedTexts(running, question, () => context.timers.now(), signal)
            return {
              id: requestId,
              object: 'list',
              model: modelId,
              results: toResults(vectors, body, body.return_documents ?? returnsByDefault),
              usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
              meta: {
                api_version: { version: path.slice(2, 3) },
                billed_units: { search_units: 1 },
                tokens: { input_tokens: promptTokens },
              },
            }
          }
          return sendWhole(reply, answer(), context)
        })
      },
    )
  }
}
