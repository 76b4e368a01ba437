import { z } from 'zod'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import { ApiError } from '../api-error.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['metrics']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

const TraceAnswer = z.looseObject({
  traceEvents: z.array(z.record(z.string(), z.unknown())),
  displayTimeUnit: z.literal('ms'),
  otherData: z.record(z.string(), z.unknown()),
})

/** The routes for this node's metrics and for the traces of its requests. */
export function registerMetrics(server: ApiServer, { metrics, traces, inferenceOf }: ApiContext): void {
  server.get('/metrics', { schema: { summary: 'Metrics of this node in Prometheus text format', tags } }, async (_request, reply) => {
    const text = await metrics.render()
    return reply.header('content-type', metrics.contentType).send(text)
  })
  server.get(
    '/trace/:id',
    {
      schema: {
        summary: 'The Chrome trace of a recent request, including its ranks; last: the latest',
        tags,
        params: z.object({ id: z.string().min(1).max(256) }),
        response: { 200: TraceAnswer, ...failures },
      },
    },
    async ({ params }) => {
      const trace = await traces.find(inferenceOf(params.id))
      if (!trace)
        throw new ApiError(
          404,
          'trace_not_found',
          `This node has no trace of '${params.id}': it keeps only the latest requests since its start.`,
          { param: 'id' },
        )
      return TraceAnswer.parse(trace)
    },
  )
}
