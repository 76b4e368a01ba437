import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import { lacksNode } from '../../domain/instance/track-away.ts'
import { AppError } from '../../shared/app-error.ts'
import { toErrorCode } from '../../shared/error-codes.ts'
import type { GenerationPart, GenerationSpec } from '../../shared/inference/generation.ts'
import type { InstanceId, ModelId } from '../../shared/ids.ts'
import type { WantedKvBits } from '../../shared/models/kv-bits.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { InstanceHandle, InstancesPort, TokenizerPort } from '../../router/router-ports.ts'
import { awaitAbandoned, type AwaitAbandonedDependencies } from './await-abandoned.ts'
import type { ClusterControl } from './cluster-control.ts'
import { UNLOADED } from '../../shared/inference/unloaded.ts'

/** Maximum number of requests of one model that wait for it to be loaded. */
const MOST_WAITING = 512
/** Time limit for a leader's events to arrive here; after it, the leader has died. */
const SEEN_WITHIN_MS = 10_000

export interface InstancesDependencies extends AwaitAbandonedDependencies {
  readonly cluster: ClusterControl
  readonly defaultRequest: PlacementRequest
  /** The user's KV cache for a model; null: none is set. */
  kvBitsOf(modelId: ModelId): Promise<WantedKvBits | null>
  card(modelId: ModelId, signal: AbortSignal): Promise<ModelCard>
  tokenizer(modelId: ModelId, signal: AbortSignal): Promise<TokenizerPort>
  /** All files of the model are on this node. */
  isHere(modelId: ModelId): boolean
  /** False if this node knows better than the state: its own worker has just died. */
  isServing(instance: InstanceState): boolean
  /** No request uses it or waits for it, as far as this node knows. */
  isIdle(instance: InstanceState): boolean
  /** Runs at the instance's rank 0, on whichever node it is. */
  generate(instance: InstanceState, generation: GenerationSpec, signal: AbortSignal): AsyncIterable<GenerationPart>
}

export interface Instances extends InstancesPort {
  load(modelId: ModelId, request: PlacementRequest, pinned: boolean, signal: AbortSignal): Promise<InstanceState>
}

/** Finds or places the instance that serves a model, and waits until it is ready. */
export function createInstances(dependencies: InstancesDependencies): Instances {
  const { cluster } = dependencies

  async function load(modelId: ModelId, request: PlacementRequest, pinned: boolean, signal: AbortSignal): Promise<InstanceState> {
    const serving = instanceOf(cluster.state(), modelId)
    // Retries after a failure: its cause may be gone.
    if (serving?.status === 'failed') await cluster.remove(serving.instanceId, 'it had failed and is being reloaded', signal)
    const isTooShort = serving !== null && wantsMore(serving, request) && dependencies.isIdle(serving)
    if (isTooShort) await cluster.remove(serving.instanceId, `a client requested ${request.contextTokens} tokens of context`, signal)
    const isBroken = serving !== null && lacksNode(cluster.state(), serving)
    const instanceId =
      serving && serving.status !== 'failed' && !isTooShort && !isBroken
        ? serving.instanceId
        : await cluster.place(
            await dependencies.card(modelId, signal),
            withKvBits(request, await dependencies.kvBitsOf(modelId)),
            { pinned, reuse: true },
            signal,
          )
    return whenReady(dependencies, instanceId, signal)
  }

  /**
   * Whether a client chose a longer context than the instance was placed with. If memory was too short for the
   * requested length, it still is.
   */
  function wantsMore({ status, pinned, card, request, placement }: InstanceState, { contextTokens }: PlacementRequest): boolean {
    const isChosen = contextTokens !== dependencies.defaultRequest.contextTokens
    return (
      isChosen && status === 'ready' && !pinned && contextTokens > request.contextTokens && placement.contextTokens < card.contextTokens
    )
  }

  const waiting = new Map<ModelId, number>()
  async function loadInTurn(modelId: ModelId, request: PlacementRequest, pinned: boolean, signal: AbortSignal): Promise<InstanceState> {
    const before = waiting.get(modelId) ?? 0
    if (before >= MOST_WAITING)
      throw new AppError('engine-busy', `${before} requests are already waiting for ${modelId} to load. Try again when it is ready.`, {
        modelId,
        retryAfterMs: 10_000,
      })
    waiting.set(modelId, before + 1)
    try {
      return await load(modelId, request, pinned, signal)
    } finally {
      const left = (waiting.get(modelId) ?? 1) - 1
      if (left > 0) waiting.set(modelId, left)
      else waiting.delete(modelId)
    }
  }

  return {
    load: loadInTurn,
    async foresee(modelId, signal, contextTokens) {
      const serving = instanceOf(cluster.state(), modelId)
      if (serving?.status === 'ready' || !dependencies.isHere(modelId)) return null
      const most = serving?.placement.contextTokens ?? (await dependencies.card(modelId, signal)).contextTokens
      return {
        tokenizer: await dependencies.tokenizer(modelId, signal),
        contextTokens: serving ? most : Math.min(most, contextTokens ?? most),
      }
    },
    async ensure(modelId, signal, preferred, contextTokens): Promise<InstanceHandle> {
      const instance =
        preferred && !isGone(cluster.state(), preferred)
          ? await whenReady(dependencies, preferred, signal)
          : await loadInTurn(modelId, withContext(dependencies.defaultRequest, contextTokens ?? null), false, signal)
      if (!dependencies.isServing(instance))
        throw new AppError('instance-recovering', 'The model is being loaded again. Try again in a moment.', {
          instanceId: instance.instanceId,
        })
      const tokenizer = await dependencies.tokenizer(modelId, signal)
      return {
        instanceId: instance.instanceId,
        modelId,
        contextTokens: instance.placement.contextTokens,
        // A single shard would most likely fail again for the same reason, and a model that a client unloaded stays unloaded.
        get isRecoverable() {
          const { nodes, deletedInstances } = cluster.state()
          return Object.keys(nodes).length > 1 && !deletedInstances.includes(instance.instanceId)
        },
        tokenizer,
        manner: { generationConfig: tokenizer.sampling ?? {}, card: instance.card.sampling ?? {} },
        draftModelId: instance.request.draftModelId ?? null,
        generate: (generation, generationSignal) => dependencies.generate(instance, generation, generationSignal),
      }
    },
  }
}

/** A context length that a request prefers is reduced if memory is short, like the model's own. */
export function withContext(request: PlacementRequest, contextTokens: number | null): PlacementRequest {
  return contextTokens === null
    ? request
    : { ...request, contextTokens, minContextTokens: Math.min(contextTokens, request.minContextTokens ?? request.contextTokens) }
}

/** @param wanted - null: as in the request */
export function withKvBits(request: PlacementRequest, wanted: WantedKvBits | null): PlacementRequest {
  const { kvBits: _default, ...others } = request
  if (wanted === null) return request
  return wanted === 32 ? others : { ...others, kvBits: wanted }
}

/** The instance that serves a model, the furthest along if there are several. */
export function instanceOf(state: ClusterState, modelId: ModelId): InstanceState | null {
  const order = { ready: 0, recovering: 1, loading: 2, failed: 3 } as const
  const candidates = Object.values(state.instances).filter((instance) => instance.card.modelId === modelId)
  return candidates.sort((a, b) => order[a.status] - order[b.status])[0] ?? null
}

/** A new placement may not have reached this node's state yet, so its absence is not a removal. */
function isGone(state: ClusterState, instanceId: InstanceId): boolean {
  return state.instances[instanceId]?.status === 'failed' || state.deletedInstances.includes(instanceId)
}

function whenReady(dependencies: InstancesDependencies, instanceId: InstanceId, signal: AbortSignal): Promise<InstanceState> {
  const { cluster, clock } = dependencies
  return new Promise((resolve, reject) => {
    const end = new AbortController()
    const settle = (act: () => void): void => {
      end.abort()
      act()
    }
    let wasSeen = false
    const look = (state: ClusterState): void => {
      const instance = state.instances[instanceId]
      // The leader's event may still be in transit.
      if (!instance && !wasSeen) return
      wasSeen = true
      if (!instance)
        settle(() => {
          const message = 'The model was unloaded while it was being loaded.'
          reject(new AppError('instance-failed', message, { instanceId, reason: UNLOADED }))
        })
      else if (instance.status === 'ready') settle(() => resolve(instance))
      else if (instance.status === 'failed') settle(() => reject(failure(instance)))
    }
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), { once: true, signal: end.signal })
    if (signal.aborted) return settle(() => reject(signal.reason))
    cluster.onState(look, end.signal)
    look(cluster.state())
    const giveUp = (): void => {
      if (wasSeen) return
      const name = cluster.leaderName()
      const leader = name === null ? '' : ` ${name} leads the cluster now: if this happens again, restart exo on that machine.`
      settle(() =>
        reject(new AppError('instance-recovering', `The leader was lost, or did not place the model as it said.${leader}`, { instanceId })),
      )
    }
    clock.sleep(SEEN_WITHIN_MS, end.signal).then(giveUp, () => undefined)
    awaitAbandoned(dependencies, instanceId, end.signal).then(
      (error) => settle(() => reject(error)),
      () => undefined,
    )
  })
}

function failure(instance: InstanceState): AppError {
  // A failed shard is stopped soon after, but keeps its error.
  const shard = instance.shards.find(({ code }) => code !== null)
  return new AppError(
    toErrorCode(shard?.code ?? '', 'instance-failed'),
    shard?.message ?? instance.reasons.join(' ') ?? 'The model could not be loaded.',
    {
      instanceId: instance.instanceId,
      modelId: instance.card.modelId,
      reasons: instance.reasons,
    },
  )
}
