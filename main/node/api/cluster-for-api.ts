import type { ClusterPort } from '../../api/api-dependencies.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import { nodesNamed } from '../../domain/cluster/nodes-named.ts'
import { toLinkView } from '../../domain/cluster/cluster-view.ts'
import { draftSizeOf } from '../../domain/placement/draft-size.ts'
import { keptKvBits } from '../../domain/placement/kv/kept-kv-bits.ts'
import { restrictTopology } from '../../domain/placement/restrict-topology.ts'
import { previews } from '../../domain/placement/previews.ts'
import { expectSpeed } from '../../domain/speed/plan/expect-speed.ts'
import { forecastSpeed } from '../../domain/speed/forecast-speed.ts'
import { draftOf } from '../../router/draft-of.ts'
import type { DraftsPort } from '../../router/router-ports.ts'
import { AppError } from '../../shared/app-error.ts'
import type { ClusterView } from '../../shared/cluster-view.ts'
import type { WantedKvBits } from '../../shared/models/kv-bits.ts'
import type { LogPage, LogQuery } from '../../shared/wire/peer/log-lines.ts'
import { InstanceId, type ModelId, type NodeId } from '../../shared/ids.ts'
import { ownValue } from '../../shared/own-value.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Link, Topology } from '../../shared/topology.ts'
import type { NodeFacts } from '../../shared/wire/peer/cluster-event.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'
import { withContext, withKvBits } from '../shards/instances.ts'
import type { CurrentMember } from '../member/current-member.ts'
import type { PeerListing } from '../peers/peer-listing.ts'

/** In a large cluster, not every node is measured within this limit. */
const MEASURE_LIMIT_MS = 50_000

export interface ClusterPortDependencies {
  readonly nodeId: NodeId
  readonly control: ClusterControl
  readonly models: CurrentMember['models']
  readonly instances: Pick<CurrentMember['instances'], 'load'>
  readonly drafts: DraftsPort
  readonly defaultRequest: PlacementRequest
  /** The user's context length for a model; null: none. */
  readonly contextOf: (modelId: string) => Promise<number | null>
  /** The user's KV cache for a model; null: none is set. */
  readonly kvBitsOf: (modelId: string) => Promise<WantedKvBits | null>
  readonly view: () => ClusterView
  readonly topology: () => Topology
  readonly peers: () => readonly PeerListing[]
  readonly diagnostics: () => Readonly<Record<string, unknown>>
  readonly measureLinks: (signal: AbortSignal) => Promise<readonly Link[]>
  readonly logs: (owner: NodeId, query: LogQuery, signal: AbortSignal) => Promise<LogPage>
  /** @param keepMs - null: forever */
  readonly keep: (instanceId: InstanceId, keepMs: number | null) => void
  /** When idle instances are unloaded; null: never. */
  readonly expiryOf: (instances: readonly InstanceState[]) => number | null
  readonly signal: AbortSignal
}

/** The HTTP API's access to the cluster. */
export function createClusterForApi({
  nodeId,
  control,
  models,
  instances,
  drafts,
  defaultRequest,
  contextOf,
  kvBitsOf,
  keep,
  expiryOf,
  view,
  topology,
  peers,
  diagnostics,
  measureLinks,
  logs,
  signal,
}: ClusterPortDependencies): ClusterPort {
  const idsNamed = (names: readonly string[]): NodeId[] =>
    nodesNamed(names, Object.values<NodeFacts>(control.state().nodes)).map((node) => node.nodeId)
  const placedOf = (modelId: string): InstanceState[] =>
    Object.values<InstanceState>(control.state().instances).filter(({ card }) => card.modelId === modelId)
  const draftRequest = async (draftModelId: ModelId, tokens: number): Promise<Pick<PlacementRequest, 'draftModelId' | 'draftSize'>> => ({
    draftModelId,
    draftSize: draftSizeOf(await models.card(draftModelId, signal), tokens),
  })
  /** A context length that was requested is never reduced; without one, the user's setting for the model applies. */
  const contextRequest = async (modelId: ModelId, contextTokens: number | null): Promise<PlacementRequest> => {
    const { minContextTokens: _least, ...ofWholeContext } = defaultRequest
    return contextTokens === null ? withContext(defaultRequest, await contextOf(modelId)) : { ...ofWholeContext, contextTokens }
  }
  return {
    nodeId: () => nodeId,
    state: view,
    onState: (listener, ended) => control.onState(() => listener(), ended),
    instance: (instanceId) => ownValue(view().instances, instanceId) ?? null,
    async placeInstance({ modelId, sharding, backend, minNodes, contextTokens, kvBits, draftModel, nodes, optimize, isPinned, keepMs }) {
      const card = await models.card(modelId, signal)
      const draft = await draftOf(
        { modelId: card.modelId, draftModelId: null, draftModel: draftModel ?? undefined },
        { models, drafts },
        signal,
      )
      const request: PlacementRequest = {
        ...(await contextRequest(card.modelId, contextTokens)),
        strategy: sharding ?? defaultRequest.strategy,
        backend: backend ?? defaultRequest.backend,
        minNodes: minNodes ?? defaultRequest.minNodes,
        ...(nodes && { onlyNodes: idsNamed(nodes) }),
        ...(optimize && { optimize }),
        ...(draft ? await draftRequest(draft.modelId, Math.min(contextTokens ?? card.contextTokens, card.contextTokens)) : {}),
      }
      const kept = withKvBits(request, kvBits ?? (await kvBitsOf(card.modelId)))
      const instanceId = await control.place(card, kept, { pinned: isPinned, reuse: false }, signal)
      if (keepMs !== null) keep(instanceId, keepMs)
      return { instanceId, ...view().instances[instanceId] }
    },
    async loadModel({ model, contextTokens }, loadSignal) {
      const { modelId } = await models.resolve(model, loadSignal)
      await instances.load(
        modelId,
        withContext(defaultRequest, contextTokens ?? (await contextOf(modelId))),
        false,
        AbortSignal.any([signal, loadSignal]),
      )
    },
    keepModel: (modelId, keepMs) => {
      for (const { instanceId } of placedOf(modelId)) keep(instanceId, keepMs)
    },
    expiryOf: (modelId) => expiryOf(placedOf(modelId)),
    async deleteInstance(text) {
      const instanceId = InstanceId.safeParse(text)
      if (!instanceId.success) throw new AppError('instance-not-found', 'There is no such instance.', {})
      await control.remove(instanceId.data, 'a client asked for it', signal)
    },
    peers: () => peers().map((peer) => ({ ...peer })),
    diagnostics,
    measureLinks: async () =>
      (await measureLinks(AbortSignal.any([signal, AbortSignal.timeout(MEASURE_LIMIT_MS)]))).map((link) =>
        toLinkView(link, control.state()),
      ),
    async logs(node, query) {
      const owner = node === null ? nodeId : (idsNamed([node])[0] ?? nodeId)
      return { nodeId: owner, name: ownValue(control.state().nodes, owner)?.name ?? owner, ...(await logs(owner, query, signal)) }
    },
    async previews({ modelId, contextTokens, kvBits, nodes }) {
      const card = await models.cardToPlan(modelId, signal)
      const allowed = nodes === null ? topology() : restrictTopology(topology(), idsNamed(nodes))
      const request = withKvBits(await contextRequest(card.modelId, contextTokens), kvBits ?? (await kvBitsOf(card.modelId)))
      const kept = keptKvBits(card, request)
      return previews(card, allowed, request).map((way) =>
        'shards' in way ? { ...way, speed: forecastSpeed(card, { ...way, ...kept }, allowed) } : way,
      )
    },
    async expectedSpeed(card) {
      const request = withKvBits(await contextRequest(card.modelId, null), await kvBitsOf(card.modelId))
      return expectSpeed(card, topology(), request)
    },
  }
}
