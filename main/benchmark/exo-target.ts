import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'
import { AppError } from '../shared/app-error.ts'
import { ClusterView, InstanceView } from '../shared/cluster-view.ts'
import { ModelCard } from '../shared/models/model-card.ts'
import type { ComparedPlacement } from './cluster-placements.ts'
import type { BenchmarkTarget, HttpApi, BenchmarkPlacement, ServerUsage } from './benchmark-target.ts'

const READY_LIMIT_MS = 30 * 60_000
const READY_POLL_MS = 250
/** Workers report to their nodes every second, and nodes to each other; idle nodes report every three seconds. */
const TOLD_AFTER_MS = 2_100
const TOLD_BY_OTHERS_AFTER_MS = 4_200

const Models = z.object({ models: z.array(z.object({ modelId: z.string(), aliases: z.array(z.string()), card: ModelCard.optional() })) })
const Placed = z.object({ instanceId: z.string() })

/**
 * An exo cluster, accessed through one of its nodes.
 *
 * @param exactly - the only placement to be measured, instead of that of each case
 */
export function exoTarget(url: string, api: HttpApi, clock: Clock, exactly: ComparedPlacement | null = null): BenchmarkTarget {
  const find = async (name: string): Promise<z.infer<typeof Models>['models'][number] | null> => {
    const { models } = Models.parse(await api.get('/models'))
    const lower = name.toLowerCase()
    return models.find(({ modelId, aliases }) => modelId === name || aliases.some((alias) => alias.toLowerCase() === lower)) ?? null
  }
  const becomesReady = async (instanceId: string, signal: AbortSignal): Promise<InstanceView> => {
    const deadlineMs = clock.now() + READY_LIMIT_MS
    for (;;) {
      const instance = InstanceView.extend({ instanceId: z.string() }).parse(await api.get(`/instance/${encodeURIComponent(instanceId)}`))
      if (instance.status === 'ready') return instance
      if (instance.status === 'failed')
        throw new AppError('instance-failed', `The instance failed: ${instance.reasons?.at(-1) ?? 'no reason given'}.`)
      if (clock.now() > deadlineMs) throw new AppError('timeout', 'The model did not load in time.')
      await clock.sleep(READY_POLL_MS, signal)
    }
  }
  const place = async (modelId: string, { strategy, backend }: BenchmarkPlacement, signal: AbortSignal): Promise<() => Promise<void>> => {
    const { instances } = ClusterView.parse(await api.get('/state'))
    const others = Object.values(instances).filter((instance) => instance.modelId === modelId)
    const fits = (instance: InstanceView): boolean =>
      exactly
        ? isPlacedAs(exactly, instance)
        : (strategy === 'auto' || instance.strategy === strategy) && (backend === 'auto' || instance.backend === backend)
    if (!exactly && others.some(fits)) return async () => undefined
    const [other] = others
    if (other)
      throw new AppError(
        'loaded-otherwise',
        `${modelId} is loaded as ${other.strategy}/${other.backend}. Unload it first, or benchmark that.`,
      )
    const { instanceId } = Placed.parse(
      await api.post('/place_instance', {
        model_id: modelId,
        ...(strategy === 'auto' ? {} : { sharding: strategy }),
        ...(backend === 'auto' ? {} : { backend }),
        ...(exactly && placeRequestOf(exactly)),
      }),
    )
    const release = async (): Promise<void> => {
      await api.delete(`/instance/${encodeURIComponent(instanceId)}`)
    }
    try {
      const instance = await becomesReady(instanceId, signal)
      // Figures for a placement other than the requested one would be misleading: a model on a single node is not split at all.
      if (!fits(instance))
        throw new AppError(
          'placed-otherwise',
          `The cluster runs ${modelId} as ${instance.strategy}/${instance.backend} on ${instance.shards.length} ` +
            `node(s), not as ${exactly?.strategy ?? strategy}/${exactly?.backend ?? backend}.`,
        )
      return release
    } catch (error) {
      await release().catch(() => undefined) // the original failure is the one to report
      throw error
    }
  }
  return {
    url,
    stream: (path, body, signal) => api.stream(path, body, signal),
    async prepare(placement, signal) {
      const listed = await find(placement.model)
      const isPlaced = exactly !== null || placement.strategy !== 'auto' || placement.backend !== 'auto'
      const release = isPlaced ? await place(listed?.modelId ?? placement.model, placement, signal) : async () => undefined
      return { vocabSize: listed?.card?.vocabSize ?? null, release }
    },
    async usage(): Promise<ServerUsage> {
      const readShards = async () =>
        Object.values(ClusterView.parse(await api.get('/state')).instances).flatMap((instance) => instance.shards)
      const isAlone = new Set((await readShards()).map(({ nodeId }) => nodeId)).size <= 1
      await clock.sleep(isAlone ? TOLD_AFTER_MS : TOLD_BY_OTHERS_AFTER_MS)
      const shards = await readShards()
      const peaks = new Map<string, number>()
      for (const { nodeId, peakBytes } of shards) if (peakBytes !== undefined) peaks.set(nodeId, (peaks.get(nodeId) ?? 0) + peakBytes)
      const sentBytes = shards.flatMap((shard) => shard.sentBytes ?? [])
      return {
        peakMemoryBytes: peaks.size === 0 ? null : Object.fromEntries(peaks),
        linkBytes: sentBytes.length === 0 ? null : sentBytes.reduce((total, bytes) => total + bytes, 0),
      }
    },
  }
}

/** The fields of `POST /place_instance` for exactly this placement. */
function placeRequestOf({ strategy, backend, nodes }: ComparedPlacement): Readonly<Record<string, unknown>> {
  return {
    nodes: nodes.map(({ nodeId }) => nodeId),
    min_nodes: nodes.length,
    ...(nodes.length === 1 || backend === 'local' ? {} : { sharding: strategy, backend }),
  }
}

function isPlacedAs({ strategy, backend, nodes }: ComparedPlacement, instance: InstanceView): boolean {
  const ids = (list: readonly { readonly nodeId: string }[]): string => [...new Set(list.map(({ nodeId }) => nodeId))].sort().join()
  return ids(nodes) === ids(instance.shards) && (nodes.length === 1 || (strategy === instance.strategy && backend === instance.backend))
}
