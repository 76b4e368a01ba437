import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { MAX_BATCH, MOST_GENERATIONS } from '../../shared/inference/most-generations.ts'
import { TgiAnswer, TgiError, TgiEvent, TgiInfo, TgiRequest, TgiRootRequest } from '../../shared/wire/api/tgi.ts'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { formatDemand } from '../form/form-demand.ts'
import { withForm } from '../form/with-form.ts'
import { lenientFormat } from '../lenient/lenient-format.ts'
import { loadedModel } from '../models/loaded-model.ts'
import { eventStream, formatEvent } from '../sending/event-stream.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { toApiError } from '../to-api-error.ts'
import { collectTgi, type TgiAnswerOptions, toTgiEvents } from './tgi-answer.ts'
import { tgiError } from './tgi-error.ts'
import { lenientTgi, toTgiInference } from './tgi-request.ts'

const tags = ['tgi']
const config = { errorBody: tgiError, lenient: lenientTgi }
const failures = { '4xx': TgiError, '5xx': TgiError }
/** As many as a request may have: see `StopStrings`. */
const MOST_STOPS = 256

type TgiCall = FastifyRequest<{ Body: TgiRequest }>

function optionsOf({ parameters }: TgiRequest): TgiAnswerOptions {
  return {
    withPrompt: parameters?.return_full_text === true,
    withDetails: parameters?.details === true || parameters?.decoder_input_details === true,
    withTopTokens: (parameters?.top_n_tokens ?? 0) > 0,
    seed: typeof parameters?.seed === 'number' ? parameters.seed : null,
  }
}

/** The routes of Hugging Face's Text Generation Inference. */
export function registerTgi(server: ApiServer, context: ApiContext): void {
  async function bound({ body }: TgiCall): Promise<InferenceRequest> {
    const inference = toTgiInference(body, `tgi-${context.newId()}`)
    const [held = inference] = withForm([inference], await formatDemand(lenientFormat(body.parameters?.['grammar']), 'grammar'))
    return held
  }

  async function whole<Answer>(request: TgiCall, reply: FastifyReply, toAnswer: (answer: TgiAnswer) => Answer): Promise<Answer> {
    const inference = await bound(request)
    return context.run([inference.requestId, request.id], reply, (running, signal) => {
      const answer = async (): Promise<Answer> => toAnswer(await collectTgi(running.infer(inference, signal), optionsOf(request.body)))
      return sendWhole(reply, answer(), context)
    })
  }

  async function stream(request: TgiCall, reply: FastifyReply): Promise<FastifyReply> {
    const inference = await bound(request)
    return context.run([inference.requestId, request.id], reply, async (running, signal) => {
      const toEvents = async function* (): AsyncGenerator<string> {
        for await (const event of toTgiEvents(running.infer(inference, signal), optionsOf(request.body))) yield formatEvent(event)
      }
      const formatError = (error: unknown): string => formatEvent(tgiError(toApiError(error)))
      await sendStream(reply, toEvents(), eventStream(context, inference.model, signal, formatError))
      return reply
    })
  }

  server.post(
    '/generate',
    { config, schema: { summary: 'Complete a text (TGI)', tags, body: TgiRequest, response: { 200: TgiAnswer, ...failures } } },
    (request, reply) => whole(request, reply, (answer) => answer),
  )

  server.post(
    '/generate_stream',
    {
      config,
      schema: { summary: 'Complete a text as a stream of tokens (TGI)', tags, body: TgiRequest, response: { 200: TgiEvent, ...failures } },
    },
    async (request, reply) => {
      await stream(request, reply)
      return reply as unknown as TgiEvent
    },
  )

  server.post(
    '/',
    {
      config,
      schema: {
        summary: 'Complete a text, whole in a list or as a stream (TGI)',
        tags,
        body: TgiRootRequest,
        response: { 200: z.array(TgiAnswer), ...failures },
      },
    },
    async (request, reply) => {
      if (request.body.stream !== true) return whole(request, reply, (answer): TgiAnswer[] => [answer])
      await stream(request, reply)
      return reply as unknown as TgiAnswer[]
    },
  )

  server.get(
    '/info',
    { schema: { summary: "The loaded model, in TGI's format", tags, response: { 200: TgiInfo } } },
    async (): Promise<TgiInfo> => {
      const { modelId, contextTokens } = await loadedModel(context.models)
      return {
        model_id: modelId,
        model_sha: null,
        model_pipeline_tag: 'text-generation',
        max_concurrent_requests: MOST_GENERATIONS,
        max_best_of: 1,
        max_stop_sequences: MOST_STOPS,
        max_input_tokens: Math.max(0, contextTokens - 1),
        max_total_tokens: contextTokens,
        validation_workers: 1,
        max_client_batch_size: MAX_BATCH,
        router: 'exo',
        version: context.version,
        sha: null,
        docker_label: null,
      }
    },
  )
}
