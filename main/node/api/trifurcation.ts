import type { TrifurcatedModels, TrifurcationPort } from '../../api/api-dependencies.ts'
import { type DeviceGroup, assignDeviceGroups } from '../../domain/placement/assign-device-groups.ts'
import type { ClusterState, InstanceState } from '../../domain/cluster/cluster-state.ts'
import type { Random } from '../../platform/random.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { InstanceId, NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { TRIT_OF_ROLE, type TrifurcatedGroup, type TrifurcatedRole } from '../../shared/wire/api/trifurcated.ts'
import type { ClusterControl } from '../shards/cluster-control.ts'

export interface TrifurcationDependencies {
  readonly control: Pick<ClusterControl, 'state' | 'place' | 'remove'>
  card(model: string, signal: AbortSignal): Promise<ModelCard>
  readonly topology: () => Topology
  readonly defaultRequest: PlacementRequest
  readonly random: Pick<Random, 'seed'>
}

type Notices = Partial<Record<TrifurcatedRole, string>>

/** Finds or places the instances of trifurcated inferences. */
export function createTrifurcation({ control, card, topology, defaultRequest, random }: TrifurcationDependencies): TrifurcationPort {
  async function cardsOf(
    models: TrifurcatedModels,
    signal: AbortSignal,
  ): Promise<{ cards: Record<TrifurcatedRole, ModelCard>; notices: Notices }> {
    const main = await card(models.main, signal)
    const notices: Notices = {}
    const orMain = async (role: 'validator' | 'speculative', name: string | null): Promise<ModelCard> => {
      if (name === null) {
        notices[role] = `No ${role} model was given, so ${main.modelId} takes its place.`
        return main
      }
      return card(name, signal).catch((error: unknown) => {
        if (signal.aborted || !(error instanceof AppError)) throw error
        notices[role] = `${main.modelId} takes the place of the ${role} model: ${error.message}`
        return main
      })
    }
    const [validator, speculative] = await Promise.all([orMain('validator', models.validator), orMain('speculative', models.speculative)])
    return { cards: { validator, main, speculative }, notices }
  }

  /** Removes failed instances, so that they are placed again: the cause may be gone. */
  async function removeFailed(cards: readonly ModelCard[], signal: AbortSignal): Promise<void> {
    const failed = Object.values<InstanceState>(control.state().instances).filter(
      ({ status, request, card: { modelId } }) =>
        status === 'failed' && request.onlyNodes !== undefined && cards.some((each) => each.modelId === modelId),
    )
    await Promise.all(failed.map(({ instanceId }) => control.remove(instanceId, 'it had failed and is loaded again', signal)))
  }

  async function place({ card: wanted, nodes }: DeviceGroup, signal: AbortSignal): Promise<InstanceId> {
    return control.place(wanted, { ...defaultRequest, onlyNodes: [...nodes] }, { pinned: false, reuse: true }, signal)
  }

  return {
    drawSeed: () => random.seed(),
    async assignGroups(models, signal) {
      const { cards, notices } = await cardsOf(models, signal)
      await removeFailed(Object.values(cards), signal)
      const groups = assignDeviceGroups({
        cards,
        topology: topology(),
        instances: Object.values<InstanceState>(control.state().instances),
        request: defaultRequest,
      })
      const owners = new Map<TrifurcatedRole, InstanceId>()
      const inOrder = (['main', 'speculative', 'validator'] as const).flatMap((role) => groups.filter((group) => group.role === role))
      for (const group of inOrder.filter((each) => each.with === null)) {
        try {
          owners.set(group.role, group.instanceId ?? (await place(group, signal)))
        } catch (error) {
          if (group.role === 'main' || signal.aborted || !(error instanceof AppError)) throw error
          notices[group.role] = `${cards.main.modelId} takes the place of the ${group.role} model: ${errorMessage(error)}`
        }
      }
      const described = groups.map((group) => describe(group, owners, notices, control.state()))
      return described.map((group) => ({
        ...group,
        sharesWith: described.filter((other) => other.role !== group.role && overlap(other, group)).map(({ role }) => role),
      }))
    },
  }
}

/** The actual placement: a role whose own instance could not be placed uses the main one. */
function describe(
  group: DeviceGroup,
  owners: ReadonlyMap<TrifurcatedRole, InstanceId>,
  notices: Notices,
  state: ClusterState,
): TrifurcatedGroup {
  const { role, obstacle } = group
  const instanceId = owners.get(group.with ?? role) ?? owners.get('main')
  if (!instanceId) throw new AppError('instance-failed', 'The main model has no instance.')
  const instance = state.instances[instanceId]
  return {
    role,
    trit: TRIT_OF_ROLE[role],
    model: instance?.card.modelId ?? group.card.modelId,
    instanceId,
    nodes: instance?.placement.shards.map(({ nodeId }): NodeId => nodeId) ?? [...group.nodes],
    sharesWith: [],
    notice: obstacle ?? notices[role] ?? null,
  }
}

function overlap(left: TrifurcatedGroup, right: TrifurcatedGroup): boolean {
  return left.nodes.some((nodeId) => right.nodes.includes(nodeId))
}
