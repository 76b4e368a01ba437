import { z } from 'zod'
import { HistoryQuery, HistoryRow, QueriedTable, LAST_EPOCH_MS } from '../../shared/history.ts'
import { ErrorBody } from '../../shared/wire/api/openai.ts'
import type { ApiContext, ApiServer } from '../api-server.ts'

const tags = ['history']
const failures = { '4xx': ErrorBody, '5xx': ErrorBody }

/** The documented format. Other forms of ISO 8601 are accepted too. */
const DOCUMENTED_MOMENT =
  '^((19[7-9][0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z|[0-9]{1,13})$'
const DATE = /^\d{4}-\d{2}/

const HistoryParams = z.object({
  model: z.string().min(1).max(1024).optional(),
  /** ISO 8601, or milliseconds since 1970. */
  since: z.string().min(1).max(64).meta({ pattern: DOCUMENTED_MOMENT }).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
})

const since = (text: string): number => (/^\d+$/.test(text) ? Number(text) : DATE.test(text) ? Date.parse(text) : Number.NaN)
const isMoment = (text: string): boolean => since(text) >= 0 && since(text) <= LAST_EPOCH_MS

/** The routes for this node's past inferences. */
export function registerHistory(server: ApiServer, { history }: ApiContext): void {
  server.get(
    '/history',
    {
      schema: {
        summary: 'Requests served by this node, newest first, without prompts and answers',
        tags,
        querystring: HistoryParams.refine((query) => query.since === undefined || isMoment(query.since), {
          path: ['since'],
          message: 'a date, such as 2026-01-31T12:00:00Z',
        }),
        response: { 200: z.strictObject({ inferences: z.array(HistoryRow) }), ...failures },
      },
    },
    async ({ query }) => {
      const wanted = HistoryQuery.parse({
        model: query.model ?? null,
        sinceMs: query.since === undefined ? null : since(query.since),
        limit: query.limit,
      })
      return { inferences: await history.recent(wanted) }
    },
  )
  server.post(
    '/history/sql',
    {
      schema: {
        summary: 'Run one SELECT on exo_inferences and exo_inference_details',
        tags,
        body: z.strictObject({ sql: z.string().min(1).max(100_000) }),
        response: { 200: QueriedTable, ...failures },
      },
    },
    async ({ body }) => history.sql(body.sql),
  )
}
