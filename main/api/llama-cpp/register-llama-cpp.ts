import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../shared/app-error.ts'
import type { InstanceView } from '../../shared/cluster-view.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import { MAX_BATCH } from '../../shared/inference/most-generations.ts'
import {
  LlamaAnswer,
  LlamaCompletionRequest,
  LlamaInfillRequest,
  LlamaProps,
  LlamaSlots,
  LlamaSlotsQuery,
} from '../../shared/wire/api/llama-cpp.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { formDemand } from '../form/form-demand.ts'
import { withForm } from '../form/with-form.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { formatDataError } from '../openai/data-events.ts'
import { eventStream } from '../sending/event-stream.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { loadedModel } from '../models/loaded-model.ts'
import { collectLlama, toLlamaEvents } from './llama-answer.ts'
import { lenientLlama, toCompletionInference, toInfillInference } from './llama-request.ts'

const tags = ['llama.cpp']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** llama.cpp's own routes, for editors that support no others: completion, and infill between a prefix and a suffix. */
export function registerLlamaCpp(server: ApiServer, context: ApiContext): void {
  async function answer(
    request: FastifyRequest<{ Body: LlamaCompletionRequest | LlamaInfillRequest }>,
    reply: FastifyReply,
    unbound: InferenceRequest,
  ): Promise<LlamaAnswer> {
    const [inference = unbound] = withForm([unbound], await formDemand(request.body))
    return context.run([inference.requestId, request.id], reply, async (running, signal) => {
      const parts = running.infer(inference, signal)
      if (request.body.stream !== true) return sendWhole(reply, collectLlama(parts), context)
      await sendStream(reply, toLlamaEvents(parts), eventStream(context, inference.model, signal, formatDataError))
      return reply as unknown as LlamaAnswer
    })
  }

  server.post(
    '/completion',
    {
      config: { lenient: lenientLlama },
      schema: {
        summary: "Complete a prompt in llama.cpp's format",
        tags,
        body: LlamaCompletionRequest,
        response: { 200: LlamaAnswer, ...failures },
      },
    },
    (request, reply) => answer(request, reply, toCompletionInference(request.body, `llama-${context.newId()}`)),
  )

  server.post(
    '/infill',
    {
      config: { lenient: lenientLlama },
      schema: {
        summary: 'Fill in the text between a prefix and a suffix, by models that were trained for it',
        tags,
        body: LlamaInfillRequest,
        response: { 200: LlamaAnswer, ...failures },
      },
    },
    (request, reply) => answer(request, reply, toInfillInference(request.body, `llama-${context.newId()}`)),
  )

  server.get(
    '/slots',
    {
      schema: {
        summary: "The places for answers of the loaded model, in llama.cpp's format",
        tags,
        querystring: LlamaSlotsQuery,
        response: { 200: LlamaSlots, ...failures },
      },
    },
    async ({ query }): Promise<LlamaSlots> => {
      const { modelId, contextTokens } = await loadedModel(context.models)
      const running = Object.values<InstanceView>(context.cluster.state().instances)
        .filter((instance) => instance.modelId === modelId)
        .reduce((sum, instance) => sum + (instance.running ?? 0), 0)
      if (query.fail_on_no_slot !== undefined && running >= MAX_BATCH)
        throw new AppError('engine-busy', 'All slots are in use. Further requests wait in the queue.')
      return Array.from({ length: MAX_BATCH }, (_, id) => ({
        id,
        n_ctx: contextTokens,
        speculative: false,
        is_processing: id < running,
      }))
    },
  )

  server.get(
    '/props',
    { schema: { summary: "The loaded model, in llama.cpp's format", tags, response: { 200: LlamaProps } } },
    async (): Promise<LlamaProps> => {
      const { modelId, contextTokens } = await loadedModel(context.models)
      return {
        default_generation_settings: { n_ctx: contextTokens },
        total_slots: MAX_BATCH,
        model_alias: modelId,
        model_path: modelId,
        modalities: { vision: false, audio: false },
        build_info: `exo ${context.version}`,
        is_sleeping: modelId === '',
      }
    },
  )
}
