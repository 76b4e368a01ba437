import type { ModelCard } from '../../shared/models/model-card.ts'
import type { Placement, PlacementRequest } from '../../shared/placement.ts'
import type { Topology } from '../../shared/topology.ts'
import { assignLayers } from '../placement/layout/assign-layers.ts'
import { pacedHeadLayers } from '../placement/layout/model-sizes.ts'
import { pipelineStages, shardsOfStages } from '../placement/layout/pipeline-stages.ts'
import type { PlacementNode } from '../placement/layout/placement-node.ts'
import { placementBasis } from '../placement/placement-basis.ts'
import { MLX_TRAITS } from './engine-traits.ts'
import { SHARED_SEQUENCES } from './forecast-speed.ts'
import { machineSpeeds } from './machine/machine-speeds.ts'
import { modelWork } from './model-work.ts'
import { decodeSeconds } from './step-seconds.ts'

/** Speeds are compared at this length of the context. */
export const TYPICAL_CONTEXT_TOKENS = 8192

/**
 * Assigns the layers of a pipeline by the speed of its machines instead of their memory, as far as their memory allows.
 *
 * One request passes the stages one after another, so for `latency` the fastest machine takes as many layers as it can hold, then the
 * next. Many requests are in all stages at once, so for `throughput` all stages take the same time.
 *
 * @returns the placement itself if it is not a pipeline, or if a machine's speed is unknown
 */
export function balanceLayers(
  card: ModelCard,
  placement: Placement,
  topology: Topology,
  request: PlacementRequest,
  goal: 'latency' | 'throughput',
): Placement {
  const { strategy, shards, contextTokens, kvBits } = placement
  if (strategy !== 'pipeline' || shards.length < 2) return placement
  const { sizes, nodes } = placementBasis(card, topology, request, {
    nodeIds: shards.map(({ nodeId }) => nodeId),
    contextTokens,
    kvBits,
  })
  const stages = pipelineStages(sizes, nodes)
  const seconds = layerSeconds(card, placement, stages.nodeByStage, topology, goal === 'latency' ? 1 : SHARED_SEQUENCES)
  if (!seconds) return placement
  const counts =
    goal === 'latency'
      ? fillFastest(sizes.layers, seconds, stages.capacities)
      : assignLayers(
          sizes.layers,
          seconds.map((each) => 1 / each),
          stages.capacities,
          seconds.map((_, stage) => (stage === seconds.length - 1 ? pacedHeadLayers(sizes) : 0)),
        )
  return counts ? { ...placement, shards: shardsOfStages(sizes, stages, counts) } : placement
}

/** At least one layer each, and all others to the fastest that have room. @returns null if they do not have room for all */
function fillFastest(layers: number, seconds: readonly number[], capacities: readonly number[]): number[] | null {
  if (layers < seconds.length || capacities.some((capacity) => capacity < 1)) return null
  const counts = seconds.map(() => 1)
  let missing = layers - seconds.length
  for (const stage of seconds.map((_, index) => index).sort((a, b) => (seconds[a] ?? 0) - (seconds[b] ?? 0))) {
    const more = Math.min(missing, (capacities[stage] ?? 0) - 1)
    counts[stage] = 1 + more
    missing -= more
  }
  return missing === 0 ? counts : null
}

/** The time that each node takes for one layer; null: the speed of one is unknown. */
function layerSeconds(
  card: ModelCard,
  { kvBits }: Placement,
  nodes: readonly PlacementNode[],
  topology: Topology,
  sequences: number,
): number[] | null {
  const work = modelWork(card, kvBits)
  const found: number[] = []
  for (const { nodeId } of nodes) {
    const node = topology.nodes[nodeId]
    const candidates = (node && machineSpeeds(node)?.candidates) ?? []
    const speed = candidates[Math.floor(candidates.length / 2)]
    if (!speed) return null
    const stepOf = (layers: number): number =>
      decodeSeconds(
        { work, strategy: 'pipeline', ranks: [{ speed, layers }], path: null, traits: MLX_TRAITS },
        Math.min(TYPICAL_CONTEXT_TOKENS, card.contextTokens),
        sequences,
      )
    found.push(stepOf(1) - stepOf(0))
  }
  return found
}
