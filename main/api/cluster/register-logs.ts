import { z } from 'zod'
import { LogPage, LogPlace, MOST_LOG_LINES } from '../../shared/wire/peer/log-lines.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const LogsQuery = z.object({
  /** The name or id of a node; omitted: this node. */
  node: z.string().min(1).max(256).optional(),
  /** The `end` of an earlier answer; omitted: the last lines. */
  after: LogPlace.optional(),
  lines: z.coerce.number().int().min(1).max(MOST_LOG_LINES).default(100),
})

/** The route for the logs of the nodes. */
export function registerLogs(server: ApiServer, { cluster }: ApiContext): void {
  server.get(
    '/logs',
    {
      schema: {
        summary: 'The newest lines of the log of a node of the cluster, without secrets',
        tags: ['cluster'],
        querystring: LogsQuery,
        response: {
          200: LogPage.extend({ nodeId: z.string(), name: z.string() }),
          '4xx': ErrorBody,
          '5xx': ErrorBody,
        },
      },
    },
    async ({ query: { node = null, after = null, lines } }) => cluster.logs(node, { after, lines }),
  )
}
