import { z } from 'zod'
import type { ResponseItem, ResponseItemList } from '../../../shared/wire/api/openai-responses.ts'

export const ItemPageQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
  before: z.string().optional(),
})

/** One page of a list, in OpenAI's format. An item that is not in the list does not limit the page. */
export function itemPage(items: readonly ResponseItem[], { limit, order, after, before }: z.infer<typeof ItemPageQuery>): ResponseItemList {
  const ordered = order === 'asc' ? items : [...items].reverse()
  const start = ordered.findIndex(({ id }) => id === after) + 1
  const stop = ordered.findIndex(({ id }) => id === before)
  const rest = ordered.slice(start, stop === -1 ? undefined : stop)
  const data = rest.slice(0, limit)
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: rest.length > data.length }
}
