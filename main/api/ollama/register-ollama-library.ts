import { z } from 'zod'
import { OllamaError } from '../../shared/wire/ollama.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'
import { sendStream } from '../send-stream.ts'
import { sendWhole } from '../send-whole.ts'
import { lineStream } from './line-stream.ts'
import { modelName } from './ollama-request.ts'
import { pullSteps } from './pull-steps.ts'

const tags = ['ollama']
const failures = { '4xx': OllamaError, '5xx': OllamaError }
const Named = z.looseObject({ model: z.string().min(1).max(1024), stream: z.boolean().nullish() })

async function lastOf(steps: AsyncIterable<{ status: string }>): Promise<{ status: string }> {
  let last = { status: 'success' }
  for await (const step of steps) last = step
  return last
}

/** Ollama's routes that bring and delete models, and those that this node refuses by name. */
export function registerOllamaLibrary(server: ApiServer, context: ApiContext, config: { errorBody: (error: ApiError) => unknown; lenient: (body: unknown) => unknown }): void {
  server.post(
    '/ollama/api/pull',
    { config, schema: { summary: 'Bring a model of the hub to this node, with progress', tags, body: Named, response: { 200: z.looseObject({ status: z.string() }), ...failures } } },
    async (request, reply) => {
      const { body } = request
      const id = `pull-${context.newId()}`
      return context.run([id, request.id], reply, async (_running, signal) => {
        const steps = pullSteps(context, modelName(body.model), signal)
        if (body.stream === false) return sendWhole(reply, lastOf(steps), context)
        const toLines = async function* (): AsyncGenerator<string> {
          for await (const step of steps) yield `${JSON.stringify(step)}\n`
        }
        await sendStream(reply, toLines(), lineStream(context, signal))
        return reply
      })
    },
  )

  server.delete(
    '/ollama/api/delete',
    { config, schema: { summary: "Delete a model's files from this node", tags, body: Named, response: { 200: z.strictObject({}), ...failures } } },
    async (request) => {
      await context.models.remove(modelName(request.body.model))
      return {}
    },
  )

  const refused = (path: string, message: string): void => {
    server.post(path, { config, schema: { summary: `Refused: ${message}`, tags, body: z.looseObject({}).optional(), response: failures } }, async () => {
      throw new ApiError(400, 'unsupported_route', message)
    })
  }
  refused('/ollama/api/push', 'This node uploads no models.')
  refused('/ollama/api/create', 'This node makes no models of Modelfiles. Send the system text and the options with each request.')
  refused('/ollama/api/copy', 'This node keeps one name for each model.')
  refused('/ollama/api/blobs/:digest', 'This node takes no blobs. Put a model folder into the Hugging Face cache, or use exo models import.')
  server.head('/ollama/api/blobs/:digest', { config, schema: { hide: true } }, async (_request, reply) => reply.status(404).send())
}
