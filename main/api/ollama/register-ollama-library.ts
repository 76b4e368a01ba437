import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OllamaCreateRequest, OllamaError } from '../../shared/wire/api/ollama.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { sendStream } from '../sending/send-stream.ts'
import { sendWhole } from '../sending/send-whole.ts'
import { copyModel, createSteps } from './create-steps.ts'
import { deleteModel } from './delete-model.ts'
import { lineStream } from './line-stream.ts'
import { modelName } from './ollama-request.ts'
import { type PullStep, pullSteps } from './pull-steps.ts'

const tags = ['ollama']
const failures = { '4xx': OllamaError, '5xx': OllamaError }
/** The schema of `PullStep`. */
const Status = z.strictObject({
  status: z.string(),
  digest: z.string().optional(),
  total: z.number().optional(),
  completed: z.number().optional(),
})
const Named = z.looseObject({ model: z.string().min(1).max(1024), stream: z.boolean().nullish() })

async function lastOf(steps: AsyncIterable<PullStep>): Promise<PullStep> {
  let last: PullStep = { status: 'success' }
  for await (const step of steps) last = step
  return last
}

/** Ollama's routes that create, pull and delete models, and the routes that this node refuses by name. */
export function registerOllamaLibrary(
  server: ApiServer,
  context: ApiContext,
  config: { errorBody: (error: ApiError) => unknown; lenient: (body: unknown) => unknown },
): void {
  const answer = (
    request: FastifyRequest<{ Body: { stream?: boolean | null | undefined } }>,
    reply: FastifyReply,
    kind: string,
    toSteps: (signal: AbortSignal) => AsyncIterable<PullStep>,
  ): Promise<PullStep | FastifyReply> =>
    context.run([`${kind}-${context.newId()}`, request.id], reply, async (_running, signal): Promise<PullStep | FastifyReply> => {
      const steps = toSteps(signal)
      if (request.body.stream === false) return sendWhole(reply, lastOf(steps), context)
      const toLines = async function* (): AsyncGenerator<string> {
        for await (const step of steps) yield `${JSON.stringify(step)}\n`
      }
      await sendStream(reply, toLines(), lineStream(context, signal))
      return reply
    })

  server.post(
    '/ollama/api/pull',
    {
      config,
      schema: {
        summary: 'Pull a model from Hugging Face, with progress',
        tags,
        body: Named,
        response: { 200: Status, ...failures },
      },
    },
    async (request, reply) => answer(request, reply, 'pull', (signal) => pullSteps(context, modelName(request.body.model), signal)),
  )

  server.post(
    '/ollama/api/create',
    {
      config: { ...config, isNameMeant: true },
      schema: {
        summary: 'Create a model from another, with its own name, system prompt, settings and messages',
        tags,
        body: OllamaCreateRequest,
        response: { 200: Status, ...failures },
      },
    },
    async (request, reply) => answer(request, reply, 'create', (signal) => createSteps(context, request.body, signal)),
  )

  server.post(
    '/ollama/api/copy',
    {
      config,
      schema: {
        summary: 'Copy a model under another name',
        tags,
        body: z.looseObject({ source: z.string().min(1).max(1024), destination: z.string().min(1).max(1024) }),
        response: { 200: z.strictObject({}), ...failures },
      },
    },
    async ({ body }) => {
      await copyModel(context, body.source, body.destination)
      return {}
    },
  )

  server.delete(
    '/ollama/api/delete',
    {
      config: { ...config, isNameMeant: true },
      schema: {
        summary: 'Unload a model and delete its files from this node; for a created model, delete only its name and texts',
        tags,
        body: Named,
        response: { 200: z.strictObject({}), ...failures },
      },
    },
    async (request) => {
      await deleteModel(context, modelName(request.body.model))
      return {}
    },
  )

  const refused = (path: string, message: string): void => {
    const refuse = async (): Promise<never> => {
      throw new ApiError(400, 'unsupported_route', message)
    }
    // Refused before the body is read, which may be gigabytes.
    server.post(path, { config, onRequest: refuse, schema: { summary: `Refused: ${message}`, tags, response: failures } }, refuse)
  }
  refused('/ollama/api/push', 'This node does not upload models.')
  refused(
    '/ollama/api/blobs/:digest',
    'This node does not accept blobs. Put a model folder into the Hugging Face cache, or use exo models import.',
  )
  server.head('/ollama/api/blobs/:digest', { config, schema: { hide: true } }, async (_request, reply) => reply.status(404).send())
}
