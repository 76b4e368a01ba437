import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Prompt } from '../../shared/inference/inference.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { EmbeddingList, EmbeddingRequest, LlamaEmbeddings, TeiEmbeddings } from '../../shared/wire/api/openai-embeddings.ts'
import type { RunningRequest } from '../answer/running-requests.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { lenientEmbedding } from '../lenient/lenient-embedding.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { isRecord } from '../lenient/json-record.ts'
import { type Embedded, embedTexts } from './embed-texts.ts'

function toPrompts({ input, add_special_tokens: addSpecialTokens, instruction, prompt_name: name }: EmbeddingRequest): Prompt[] {
  const task = instruction == null ? (name == null ? null : { name }) : { instruction }
  const fromText = (text: string): Prompt => ({
    kind: 'text',
    text,
    ...(addSpecialTokens === false ? { addSpecialTokens } : {}),
    ...(task === null ? {} : { task }),
  })
  const inputs = typeof input === 'string' || typeof input[0] === 'number' ? [input as string | number[]] : (input as string[] | number[][])
  return inputs.map((entry) => (typeof entry === 'string' ? fromText(entry) : { kind: 'token-ids', tokenIds: entry }))
}

/** 32-bit floats in little-endian order, as OpenAI's clients expect. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}

/** Embeddings in OpenAI's format, from embedding models and from models that generate text. */
export function registerEmbeddings(server: ApiServer, context: ApiContext): void {
  const vectorsOf = async (
    request: FastifyRequest<{ Body: EmbeddingRequest }>,
    running: RunningRequest,
    signal: AbortSignal,
  ): Promise<Embedded['vectors']> => {
    const { body } = request
    const requestId = `embd-${context.newId()}`
    const question = { requestId, model: body.model, prompts: toPrompts(body), dimensions: null, truncates: body.truncate ?? true }
    return (await embedTexts(running, question, () => context.timers.now(), signal)).vectors
  }
  // Clients of the next two routes name no model.
  const config = {
    needs: 'embedding' as const,
    lenient: (body: unknown): unknown => lenientEmbedding(isRecord(body) ? { ...body, model: body['model'] ?? 'default' } : body),
  }

  server.post(
    '/embedding',
    {
      config,
      schema: {
        summary: 'The embeddings of one or more texts (llama.cpp)',
        tags: ['llama.cpp'],
        body: EmbeddingRequest,
        response: { 200: LlamaEmbeddings, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) =>
      context.run([request.id], reply, async (running, signal) => {
        const answer = async (): Promise<z.infer<typeof LlamaEmbeddings>> =>
          (await vectorsOf(request, running, signal)).map((vector, index) => ({ index, embedding: [[...vector]] }))
        return sendWhole(reply, answer(), context)
      }),
  )

  server.post(
    '/embed',
    {
      config,
      schema: {
        summary: 'The embeddings of one or more texts (Text Embeddings Inference)',
        tags: ['tgi'],
        body: EmbeddingRequest,
        response: { 200: TeiEmbeddings, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) =>
      context.run([request.id], reply, async (running, signal) => {
        const answer = async (): Promise<number[][]> => (await vectorsOf(request, running, signal)).map((vector) => [...vector])
        return sendWhole(reply, answer(), context)
      }),
  )

  server.post(
    '/v1/embeddings',
    {
      config: { lenient: lenientEmbedding, needs: 'embedding' },
      schema: {
        summary: 'The embeddings of one or more texts',
        tags: ['openai'],
        body: EmbeddingRequest,
        response: { 200: EmbeddingList, '4xx': ErrorBody, '5xx': ErrorBody },
      },
    },
    async (request, reply) => {
      const { body } = request
      const requestId = `embd-${context.newId()}`
      const question = {
        requestId,
        model: body.model,
        prompts: toPrompts(body),
        dimensions: body.dimensions ?? null,
        truncates: body.truncate ?? false,
      }
      return context.run([requestId, request.id], reply, async (running, signal) => {
        const answer = async (): Promise<EmbeddingList> => {
          const { modelId, vectors, promptTokens } = await embedTexts(running, question, () => context.timers.now(), signal)
          return {
            object: 'list',
            data: vectors.map((vector, index) => ({
              object: 'embedding',
              index,
              embedding: body.encoding_format === 'base64' ? toBase64(vector) : [...vector],
            })),
            model: modelId,
            usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
          }
        }
        return sendWhole(reply, answer(), context)
      })
    },
  )
}
