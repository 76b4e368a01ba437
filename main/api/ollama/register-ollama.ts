import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InferenceRequest } from '../../shared/inference/inference.ts'
import {
  OllamaChatAnswer,
  OllamaChatRequest,
  OllamaError,
  OllamaGenerateAnswer,
  OllamaGenerateRequest,
} from '../../shared/wire/api/ollama.ts'
import type { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { chatParts } from '../answer/chat-parts.ts'
import { keepOf } from '../prompt/keep-of.ts'
import { lenientOllama } from '../lenient/lenient-ollama.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { lineStream } from './line-stream.ts'
import type { OllamaAnswerIdentity, OllamaStep } from './ollama-answer.ts'
import { joinSteps, toChatAnswer, toGenerateAnswer, toOllamaSteps } from './ollama-answer.ts'
import { ollamaDemand } from '../form/form-demand.ts'
import { modelName, toOllamaChatInference, toOllamaGenerateInference } from './ollama-request.ts'
import { keepModel } from './keep-model.ts'
import { registerOllamaEmbeddings } from './register-ollama-embeddings.ts'
import { registerOllamaLibrary } from './register-ollama-library.ts'
import { registerOllamaModels } from './register-ollama-models.ts'

const tags = ['ollama']
const failures = { '4xx': OllamaError, '5xx': OllamaError }
const ollamaError = ({ message }: ApiError): { error: string } => ({ error: message })
const config = { errorBody: ollamaError, lenient: lenientOllama }

/** The routes of Ollama's API, under `/ollama`. */
export function registerOllama(server: ApiServer, context: ApiContext): void {
  registerOllamaModels(server, context, config)
  registerOllamaLibrary(server, context, config)
  registerOllamaEmbeddings(server, context, config)

  server.post(
    '/ollama/api/chat',
    {
      config,
      schema: {
        summary: "Chat in Ollama's format, streamed by default",
        tags,
        body: OllamaChatRequest,
        response: { 200: OllamaChatAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (body.messages.length === 0) return keep(request, reply, { message: { role: 'assistant' as const, content: '' } })
      return answer(request, reply, toOllamaChatInference(body, `ollama-${context.newId()}`), body.stream ?? true, toChatAnswer)
    },
  )

  server.post(
    '/ollama/api/generate',
    {
      config,
      schema: {
        summary: "Complete a prompt in Ollama's format, streamed by default",
        tags,
        body: OllamaGenerateRequest,
        response: { 200: OllamaGenerateAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { body } = request
      if (body.prompt === '') return keep(request, reply, { response: '' })
      return answer(request, reply, toOllamaGenerateInference(body, `ollama-${context.newId()}`), body.stream ?? true, toGenerateAnswer)
    },
  )

  /** Loads or unloads a model; the answer has no other content. */
  async function keep<Rest extends object>(
    request: FastifyRequest<{ Body: OllamaChatRequest | OllamaGenerateRequest }>,
    reply: FastifyReply,
    rest: Rest,
  ): Promise<{ model: string; created_at: string; done: true; done_reason: 'load' | 'unload' } & Rest> {
    const { model, options } = request.body
    const keepMs = keepOf(request.body)
    return context.run([`ollama-${context.newId()}`, request.id], reply, async (_running, signal) => {
      const kept = async (): ReturnType<typeof keep<Rest>> => {
        const doneReason = await keepModel(context, { model: modelName(model), keepMs, contextTokens: options?.num_ctx || null }, signal)
        return { model, created_at: new Date(context.clock.epochMs()).toISOString(), done: true, done_reason: doneReason, ...rest }
      }
      return sendWhole(reply, kept(), context)
    })
  }

  async function answer<Answer>(
    request: FastifyRequest<{ Body: { model: string; format?: unknown } }>,
    reply: FastifyReply,
    inference: InferenceRequest,
    isStream: boolean,
    toAnswer: (step: OllamaStep, identity: OllamaAnswerIdentity) => Answer,
  ): Promise<Answer> {
    const identity = (): OllamaAnswerIdentity => ({ model: request.body.model, nowMs: context.clock.epochMs() })
    const demand = await ollamaDemand(request.body.format)
    return context.run([inference.requestId, request.id], reply, async (running, signal) => {
      const steps = toOllamaSteps(
        chatParts(
          running,
          inference,
          { parallelToolCalls: true, newId: context.newId, demand, tellsCalls: false, isStreamed: isStream },
          signal,
        ),
      )
      if (!isStream) {
        const whole = async (): Promise<Answer> => toAnswer(await joinSteps(steps), identity())
        return sendWhole(reply, whole(), context)
      }
      const toLines = async function* (): AsyncGenerator<string> {
        for await (const step of steps) yield `${JSON.stringify(toAnswer(step, identity()))}\n`
      }
      await sendStream(reply, toLines(), lineStream(context, signal))
      return reply as Answer
    })
  }
}
