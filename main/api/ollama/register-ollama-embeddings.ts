import { z } from 'zod'
import { OllamaEmbedAnswer, OllamaEmbeddingsRequest, OllamaEmbedRequest, OllamaError } from '../../shared/wire/api/ollama.ts'
import type { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { embedTexts } from '../embeddings/embed-texts.ts'
import { keepOf } from '../prompt/keep-of.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { keepModel } from './keep-model.ts'
import { modelName } from './ollama-request.ts'

const NS_PER_MS = 1e6

/** Ollama's routes for embeddings: the current one for several texts, and the older one for a single text. */
export function registerOllamaEmbeddings(
  server: ApiServer,
  context: ApiContext,
  config: { errorBody: (error: ApiError) => unknown; lenient: (body: unknown) => unknown },
): void {
  const failures = { '4xx': OllamaError, '5xx': OllamaError }

  /** Without a text, the model is only loaded or unloaded. */
  const embed = async (
    body: Pick<OllamaEmbedRequest, 'model' | 'options' | 'keep_alive' | 'truncate' | 'dimensions'>,
    texts: readonly string[],
    ids: readonly string[],
    reply: Parameters<ApiContext['run']>[1],
  ): Promise<z.infer<typeof OllamaEmbedAnswer>> =>
    context.run(ids, reply, async (running, signal) => {
      const now = (): number => context.timers.now()
      const startedMs = now()
      const toNs = (ms: number): number => Math.round(Math.max(0, ms) * NS_PER_MS)
      const contextTokens = body.options?.num_ctx || null
      if (texts.length === 0) {
        await keepModel(context, { model: modelName(body.model), keepMs: keepOf(body), contextTokens }, signal)
        return { model: body.model, embeddings: [], total_duration: toNs(now() - startedMs), load_duration: 0, prompt_eval_count: 0 }
      }
      const { vectors, promptTokens, acceptedAtMs } = await embedTexts(
        running,
        {
          requestId: ids[0] ?? '',
          model: modelName(body.model),
          prompts: texts.map((text) => ({ kind: 'text', text })),
          dimensions: body.dimensions || null,
          truncates: body.truncate ?? true,
          ...(contextTokens === null ? {} : { contextTokens }),
        },
        now,
        signal,
      )
      return {
        model: body.model,
        embeddings: vectors.map((vector) => [...vector]),
        total_duration: toNs(now() - startedMs),
        load_duration: toNs(acceptedAtMs - startedMs),
        prompt_eval_count: promptTokens,
      }
    })

  server.post(
    '/ollama/api/embed',
    {
      config: { ...config, needs: 'embedding' },
      schema: {
        summary: "The embeddings of one or more texts in Ollama's format",
        tags: ['ollama'],
        body: OllamaEmbedRequest,
        response: { 200: OllamaEmbedAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const texts = typeof body.input === 'string' ? [body.input].filter((text) => text !== '') : body.input
      return sendWhole(reply, embed(body, texts, [`ollama-${context.newId()}`, request.id], reply), context)
    },
  )

  server.post(
    '/ollama/api/embeddings',
    {
      config: { ...config, needs: 'embedding' },
      schema: {
        summary: "The embedding of one text in Ollama's older format",
        tags: ['ollama'],
        body: OllamaEmbeddingsRequest,
        response: { 200: z.strictObject({ embedding: z.array(z.number()) }), ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const texts = body.prompt === '' ? [] : [body.prompt]
      const answer = embed(body, texts, [`ollama-${context.newId()}`, request.id], reply).then(({ embeddings: [embedding = []] }) => ({
        embedding,
      }))
      return sendWhole(reply, answer, context)
    },
  )
}
