import { z } from 'zod'
import { ClusterView, type NodeView } from '../shared/cluster-view.ts'
import { ParallelStrategy } from '../shared/models/model-card.ts'
import { parseSaid } from '../shared/wire/peer/parse-tolerantly.ts'
import type { HttpApi } from './benchmark-target.ts'

/** With more machines than this, only the groups that the cluster itself would choose are compared. */
const MOST_MACHINES_IN_EVERY_GROUP = 4

const Range = z.object({ low: z.number(), likely: z.number(), high: z.number() })
const Previews = z.object({
  previews: z.array(
    z.looseObject({
      strategy: ParallelStrategy,
      backend: z.enum(['local', 'ring', 'jaccl']),
      shards: z.array(z.looseObject({ nodeId: z.string() })).optional(),
      error: z.string().optional(),
      speed: z.looseObject({ decode: z.array(z.looseObject({ tokensPerSecond: Range.nullable() })).optional() }).optional(),
    }),
  ),
})

/** One way to place a model on the machines of a cluster. */
export const ComparedPlacement = z.strictObject({
  strategy: ParallelStrategy,
  backend: z.enum(['local', 'ring', 'jaccl']),
  /** In the order of their ranks. */
  nodes: z.array(z.strictObject({ nodeId: z.string(), name: z.string() })),
  /** What the planner expects of one answer; null: it does not know the speed of a machine. */
  expectedTokensPerSecond: Range.nullable(),
})
export type ComparedPlacement = z.infer<typeof ComparedPlacement>

/** @returns every placement that is possible, the smallest groups first, and why the others are not */
export async function clusterPlacements(
  api: Pick<HttpApi, 'get'>,
  model: string,
): Promise<{ readonly possible: ComparedPlacement[]; readonly obstacles: string[] }> {
  const nodes = Object.entries<NodeView>(parseSaid(ClusterView, await api.get('/state')).nodes)
  const nameOf = new Map<string, string>(nodes.map(([nodeId, { name }]) => [nodeId, name]))
  const possible = new Map<string, ComparedPlacement>()
  const obstacles = new Set<string>()
  for (const group of groupsToAsk(nodes.map(([nodeId]) => nodeId))) {
    const query = new URLSearchParams({ model_id: model, ...(group && { nodes: group.join(',') }) })
    for (const { strategy, backend, shards, error, speed } of Previews.parse(await api.get(`/instance/previews?${query.toString()}`))
      .previews) {
      if (!shards) obstacles.add(`${strategy}/${backend}: ${error ?? 'not possible'}`)
      // A smaller group of the same machines is asked for by itself.
      else if (group === null || shards.length === group.length) {
        const ids = shards.map(({ nodeId }) => nodeId)
        possible.set(`${shards.length === 1 ? '' : `${strategy}/${backend}`} ${ids.toSorted().join()}`, {
          strategy,
          backend,
          nodes: ids.map((nodeId) => ({ nodeId, name: nameOf.get(nodeId) ?? nodeId.slice(0, 12) })),
          expectedTokensPerSecond: speed?.decode?.[0]?.tokensPerSecond ?? null,
        })
      }
    }
  }
  return { possible: [...possible.values()].sort((a, b) => a.nodes.length - b.nodes.length), obstacles: [...obstacles] }
}

/** Every group of few machines; null: the groups that the cluster chooses. */
function groupsToAsk(nodeIds: readonly string[]): (readonly string[] | null)[] {
  if (nodeIds.length > MOST_MACHINES_IN_EVERY_GROUP) return [...nodeIds.map((nodeId) => [nodeId]), null]
  return Array.from({ length: 2 ** nodeIds.length - 1 }, (_, mask) => nodeIds.filter((_id, index) => ((mask + 1) >> index) & 1))
}
