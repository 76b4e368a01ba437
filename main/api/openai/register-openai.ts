import { z } from 'zod'
import { ChatCompletion, ChatCompletionRequest, ErrorBody } from '../../shared/wire/api/openai.ts'
import { Completion, CompletionRequest } from '../../shared/wire/api/openai-completions.ts'
import { WireModel, WireModelList } from '../../shared/wire/api/openai-models.ts'
import { AnthropicError, AnthropicModel, AnthropicModelList } from '../../shared/wire/api/anthropic.ts'
import { toAnthropicModel } from '../anthropic/to-anthropic-model.ts'
import { isOfAnthropic } from '../surface-error-body.ts'
import type { ListedModel } from '../api-dependencies.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { formDemand } from '../form/form-demand.ts'
import { withForm } from '../form/with-form.ts'
import { chatParts } from '../answer/chat-parts.ts'
import { eventStream } from '../sending/event-stream.ts'
import { lenientChat } from '../lenient/lenient-chat.ts'
import { lenientCompletion } from '../lenient/lenient-completion.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { bestOf } from './best-of.ts'
import type { ChatAnswerOptions } from './chat-answer.ts'
import { collectChat, toChatEvents } from './chat-answer.ts'
import { strictNames } from '../form/strict-names.ts'
import { toChatDemand, toChatInference } from './chat-request.ts'
import type { CompletionAnswerOptions } from './completion-answer.ts'
import { collectCompletion, toCompletionEvents } from './completion-answer.ts'
import { toCompletionInferences } from './completion-request.ts'
import { formatDataError } from './data-events.ts'
import { modelNamed } from '../models/model-named.ts'
import { standInFor } from '../models/stand-in.ts'
import { toWireModel } from '../models/to-wire-model.ts'
import { toCodexModel } from './to-codex-model.ts'

const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** The routes of OpenAI's API. */
export function registerOpenai(server: ApiServer, context: ApiContext): void {
  const identity = (id: string): { id: string; createdS: number; version: string } => ({
    id,
    createdS: Math.floor(context.clock.epochMs() / 1000),
    version: context.version,
  })

  server.post(
    '/v1/chat/completions',
    {
      config: { lenient: lenientChat },
      schema: {
        summary: 'Create a chat completion, whole or streamed',
        tags: ['openai'],
        body: ChatCompletionRequest,
        response: { 200: ChatCompletion, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `chatcmpl-${context.newId()}`
      const inference = toChatInference(body, id)
      const demand = await toChatDemand(body)
      const strict = await strictNames((body.tools ?? []).map((tool) => tool.function))
      const options: ChatAnswerOptions = {
        ...identity(id),
        choices: inference.choices,
        withLogprobs: inference.topLogprobs !== null,
        withTokenIds: body.return_token_ids === true,
        withUsage: body.stream_options?.include_usage === true,
      }
      return context.run([id, request.id], reply, async (running, signal) => {
        const parts = chatParts(
          running,
          inference,
          {
            parallelToolCalls: body.parallel_tool_calls !== false,
            newId: context.newId,
            demand,
            strict,
            tellsCalls: body.stream === true,
            tellsStart: body.echo === true,
          },
          signal,
        )
        if (body.stream !== true) return sendWhole(reply, collectChat(parts, options), context)
        await sendStream(reply, toChatEvents(parts, options), eventStream(context, body.model, signal, formatDataError))
        return reply
      })
    },
  )

  server.post(
    '/v1/completions',
    {
      config: { lenient: lenientCompletion },
      schema: {
        summary: 'Complete one or more prompts',
        tags: ['openai'],
        body: CompletionRequest,
        response: { 200: Completion, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      const id = `cmpl-${context.newId()}`
      const inferences = withForm(toCompletionInferences(body, id), await formDemand(body))
      const options: CompletionAnswerOptions = {
        ...identity(id),
        choicesPerPrompt: body.n ?? 1,
        echo: body.echo === true,
        withLogprobs: typeof body.logprobs === 'number',
        withTokenIds: body.return_token_ids === true,
        withUsage: body.stream_options?.include_usage === true,
      }
      return context.run([id, request.id], reply, async (running, signal) => {
        const all = running.inferAll(inferences, signal)
        const parts = body.best_of && body.best_of > options.choicesPerPrompt ? bestOf(all, options.choicesPerPrompt) : all
        if (body.stream !== true) return sendWhole(reply, collectCompletion(parts, options), context)
        await sendStream(reply, toCompletionEvents(parts, options), eventStream(context, body.model, signal, formatDataError))
        return reply
      })
    },
  )

  const startedS = Math.floor(context.clock.epochMs() / 1000)
  const listed = (model: ListedModel): WireModel => toWireModel(model, startedS)

  server.get(
    '/v1/models',
    {
      schema: {
        summary: "The models of this node; in Anthropic's format if the request has the header 'anthropic-version'",
        tags: ['openai', 'anthropic'],
        response: { 200: z.union([WireModelList, AnthropicModelList]) },
      },
    },
    async ({ headers }) => {
      const data = (await context.models.list()).map(listed)
      const page = { first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false as const }
      if (isOfAnthropic(headers)) return { data: data.map(toAnthropicModel), ...page }
      return { object: 'list' as const, data, models: data.map(toCodexModel), ...page }
    },
  )

  server.get(
    '/v1/models/*',
    {
      schema: {
        summary: "One model, by id or alias; in Anthropic's format if the request has the header 'anthropic-version'",
        tags: ['openai', 'anthropic'],
        params: z.object({ '*': z.string() }),
        response: {
          200: z.union([WireModel, AnthropicModel]),
          '4xx': z.union([ErrorBody, AnthropicError]),
          '5xx': z.union([ErrorBody, AnthropicError]),
        },
      },
    },
    async (request) => {
      const name = request.params['*']
      const model =
        (await modelNamed(context.models, (await standInFor(name, context.models, false)) ?? name)) ??
        // A folder's path follows a slash, and two of them are read as one.
        (await modelNamed(context.models, `/${name}`))
      if (!model)
        throw new ApiError(404, 'model_not_found', `The model '${name}' does not exist here. GET /v1/models lists the models.`, {
          param: 'model',
        })
      return isOfAnthropic(request.headers) ? toAnthropicModel(listed(model)) : listed(model)
    },
  )

  server.post(
    '/v1/cancel/:id',
    {
      schema: {
        summary: 'Cancel a running request, by the id of its answer or its x-request-id',
        tags: ['openai'],
        params: z.object({ id: z.string() }),
        response: { 200: z.strictObject({ id: z.string(), cancelled: z.literal(true) }), ...failures },
      },
    },
    async (request) => {
      const { id } = request.params
      if (!context.cancel(id)) throw new ApiError(404, 'request_not_found', `No request '${id}' is running.`, { param: 'id' })
      return { id, cancelled: true as const }
    },
  )
}
