import type { DownloadsPort } from '../../api/api-dependencies.ts'
import type { DraftsPort, InstanceHandle } from '../../router/router-ports.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'
import type { ClusterMembership } from './cluster-membership.ts'
import type { ClusterModels } from '../models/cluster-models.ts'
import type { Instances, InstancesDependencies } from '../shards/instances.ts'
import type { ClusterMember } from './start-cluster-member.ts'

export interface CurrentMember {
  readonly control: ClusterControl
  readonly models: Pick<ClusterModels, 'resolve' | 'card' | 'cardToPlan'>
  readonly instances: Instances
  readonly drafts: DraftsPort
  readonly downloads: DownloadsPort
}

/** The interface of the current cluster for the rest of the node. */
export function createCurrentMember(
  membership: ClusterMembership,
  defaultRequest: PlacementRequest,
  kvBitsOf: InstancesDependencies['kvBitsOf'],
): CurrentMember {
  const instancesOf = new WeakMap<ClusterMember, Instances>()
  const serving = (): { readonly instances: Instances; readonly ended: AbortSignal } => {
    const { member, ended } = membership.serving()
    const instances = instancesOf.get(member) ?? member.instances(defaultRequest, kvBitsOf)
    instancesOf.set(member, instances)
    return { instances, ended }
  }
  const until = (ended: AbortSignal, signal: AbortSignal): AbortSignal => AbortSignal.any([ended, signal])
  return {
    control: {
      state: () => membership.member().control.state(),
      leaderName: () => membership.member().control.leaderName(),
      onState: (listener, signal) => membership.onChange(() => listener(membership.member().control.state()), signal),
      place: async (card, request, options, signal) => membership.serving().member.control.place(card, request, options, signal),
      remove: async (instanceId, reason, signal) => membership.serving().member.control.remove(instanceId, reason, signal),
    },
    models: {
      resolve: async (name, signal) => membership.serving().member.models.resolve(name, signal),
      card: async (name, signal) => membership.serving().member.models.card(name, signal),
      cardToPlan: async (name, signal) => membership.serving().member.models.cardToPlan(name, signal),
    },
    downloads: {
      start: async (model, revision, node) => membership.serving().member.downloads.start(model, revision, node),
      find: async (id) => membership.serving().member.downloads.find(id),
      pause: async (id) => membership.serving().member.downloads.pause(id),
      resume: async (id) => membership.serving().member.downloads.resume(id),
      cancel: async (id) => membership.serving().member.downloads.cancel(id),
    },
    instances: {
      async load(modelId, request, pinned, signal) {
        const { instances, ended } = serving()
        return instances.load(modelId, request, pinned, until(ended, signal))
      },
      async foresee(modelId, signal, contextTokens) {
        const { instances, ended } = serving()
        return instances.foresee(modelId, until(ended, signal), contextTokens)
      },
      async ensure(modelId, signal, preferred, contextTokens) {
        const { instances, ended } = serving()
        return endingWith(ended, await instances.ensure(modelId, until(ended, signal), preferred, contextTokens))
      },
    },
    drafts: { check: async (modelId, draftModelId, signal) => membership.serving().member.drafts.check(modelId, draftModelId, signal) },
  }
}

/** A model of a cluster that this node has left no longer answers and is not reloaded automatically. */
function endingWith(ended: AbortSignal, handle: InstanceHandle): InstanceHandle {
  return {
    ...handle,
    get isRecoverable() {
      return !ended.aborted && handle.isRecoverable
    },
    async *generate(generation, signal) {
      ended.throwIfAborted()
      const throwIfEnded = (): void => {
        if (!signal.aborted) ended.throwIfAborted()
      }
      try {
        for await (const part of handle.generate(generation, AbortSignal.any([ended, signal]))) {
          // The reader would take it for a cancelled request.
          if (part.type === 'generation-end' && part.finishReason === 'cancelled') throwIfEnded()
          yield part
        }
      } finally {
        throwIfEnded()
      }
    },
  }
}
