import { z } from 'zod'
import { ModelId } from '../../shared/ids.ts'
import { ELEMENT_BYTES } from '../../shared/models/element-bytes.ts'
import type { HubHit } from '../../shared/models/hub-hit.ts'

/** What the hub's search tells about a model. The hub may leave out any of it but the id. */
export const HubSearchAnswer = z.array(
  z.object({
    id: z.string(),
    downloads: z.number().nullish(),
    likes: z.number().nullish(),
    gated: z.union([z.boolean(), z.string()]).nullish(),
    config: z.object({ model_type: z.string().max(200).nullish() }).nullish(),
    safetensors: z.object({ parameters: z.record(z.string(), z.number().min(0)).nullish() }).nullish(),
  }),
)

const EXPANDED = ['downloads', 'likes', 'gated', 'config', 'safetensors']

/** The query of a search, most downloaded first; an empty text asks for what is popular now among the conversions to MLX. */
export function hubSearchQuery(text: string, limit: number): string {
  const isTrending = text.trim() === ''
  const query = new URLSearchParams({
    limit: `${limit}`,
    sort: isTrending ? 'trendingScore' : 'downloads',
    direction: '-1',
    filter: 'safetensors',
  })
  if (isTrending) query.append('filter', 'mlx')
  else query.set('search', text.trim())
  for (const field of EXPANDED) query.append('expand[]', field)
  return query.toString()
}

/** Ids that do not fit the pattern are left out. */
export function hubHits(answer: z.infer<typeof HubSearchAnswer>, limit: number): HubHit[] {
  return answer.slice(0, limit).flatMap(({ id, downloads, likes, gated, config, safetensors }) => {
    const modelId = ModelId.safeParse(id)
    if (!modelId.success) return []
    return {
      modelId: modelId.data,
      downloads: Math.max(0, downloads ?? 0),
      likes: Math.max(0, likes ?? 0),
      isGated: Boolean(gated),
      family: config?.model_type ?? null,
      weightBytes: weightBytes(safetensors?.parameters),
    }
  })
}

function weightBytes(parameters: Readonly<Record<string, number>> | null | undefined): number | null {
  const counts = Object.entries(parameters ?? {})
  if (counts.length === 0 || counts.some(([type]) => !Object.hasOwn(ELEMENT_BYTES, type))) return null
  return counts.reduce((sum, [type, count]) => sum + count * (ELEMENT_BYTES[type] ?? 0), 0)
}
