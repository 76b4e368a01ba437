import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
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
import { toLlamaProps } from './to-llama-props.ts'
import { weightsOf } from '../models/model-named.ts'
import { collectLlama, toLlamaEvents } from './llama-answer.ts'
import { isSeveral, lenientLlama, toLlamaInferences, toInfillInference } from './llama-request.ts'

const tags = ['llama.cpp']
const DEFAULT = 'default'
const SglangModelInfo = z.strictObject({ model_path: z.string(), tokenizer_path: z.string(), is_generation: z.literal(true) })
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** llama.cpp's own routes, for editors that support no others: completion, and infill between a prefix and a suffix. */
export function registerLlamaCpp(server: ApiServer, context: ApiContext): void {
  async function answer<Answer>(
    request: FastifyRequest<{ Body: LlamaCompletionRequest | LlamaInfillRequest }>,
    reply: FastifyReply,
    id: string,
    unbound: readonly InferenceRequest[],
    toAnswer: (answers: LlamaAnswer[]) => Answer,
  ): Promise<Answer> {
    const { body } = request
    const inferences = withForm(unbound, await formDemand(body))
    const withProbabilities = (body.n_probs ?? 0) > 0
    return context.run([id, request.id], reply, async (running, signal) => {
      const parts = running.inferAll(inferences, signal)
      if (body.stream !== true) {
        const whole = async (): Promise<Answer> => toAnswer(await collectLlama(parts, withProbabilities))
        return sendWhole(reply, whole(), context)
      }
      await sendStream(reply, toLlamaEvents(parts, withProbabilities), eventStream(context, body.model ?? DEFAULT, signal, formatDataError))
      return reply as unknown as Answer
    })
  }
  const only = ([answer]: LlamaAnswer[]): LlamaAnswer => {
    if (answer) return answer
    throw new AppError('instance-failed', 'The answer ended early.')
  }

  server.post(
    '/completion',
    {
      config: { lenient: lenientLlama },
      schema: {
        summary: "Complete a prompt in llama.cpp's format",
        tags,
        body: LlamaCompletionRequest,
        response: { 200: z.union([LlamaAnswer, z.array(LlamaAnswer)]), ...failures },
      },
    },
    (request, reply) => {
      const id = `llama-${context.newId()}`
      const toAnswer = (answers: LlamaAnswer[]): LlamaAnswer | LlamaAnswer[] => (isSeveral(request.body.prompt) ? answers : only(answers))
      return answer(request, reply, id, toLlamaInferences(request.body, id), toAnswer)
    },
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
    (request, reply) => {
      const id = `llama-${context.newId()}`
      return answer(request, reply, id, [toInfillInference(request.body, id)], only)
    },
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
    '/lora-adapters',
    { schema: { summary: 'The adapters of the loaded model: none', tags, response: { 200: z.array(z.never()) } } },
    async () => [],
  )

  for (const path of ['/model_info', '/get_model_info'] as const) {
    server.get(
      path,
      { schema: { summary: "The loaded model, in SGLang's format", tags, response: { 200: SglangModelInfo } } },
      async (): Promise<z.infer<typeof SglangModelInfo>> => {
        const { modelId } = await loadedModel(context.models)
        return { model_path: modelId, tokenizer_path: modelId, is_generation: true }
      },
    )
  }

  server.get(
    '/props',
    { schema: { summary: "The loaded model, in llama.cpp's format", tags, response: { 200: LlamaProps } } },
    async (): Promise<LlamaProps> => {
      const model = (await context.models.list()).find(({ loaded }) => loaded) ?? null
      const facts = model === null ? null : await context.models.tokenizerFacts(weightsOf(model) ?? model.modelId)
      return toLlamaProps(model, facts, context.version)
    },
  )
}
