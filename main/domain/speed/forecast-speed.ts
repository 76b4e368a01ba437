import type { NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { PlacedShard, Placement } from '../../shared/placement.ts'
import type { NoForecast, SpeedForecast, SpeedRange } from '../../shared/speed/speed-forecast.ts'
import type { Topology } from '../../shared/topology.ts'
import { linksBetween } from '../topology/links-between.ts'
import { nodeName } from '../topology/rdma-obstacle.ts'
import { type EngineTraits, MLX_TRAITS } from './engine-traits.ts'
import { type MachineSpeeds, machineSpeeds } from './machine/machine-speeds.ts'
import { type ModelWork, modelWork } from './model-work.ts'
import { type PathSpeed, pathSpeed } from './path-speed.ts'
import { decodeSeconds, promptSeconds, type SpeedGroup } from './step-seconds.ts'

/** The lengths of the context for which forecasts are shown. */
const SHOWN_CONTEXTS = [0, 8192, 65_536] as const
const PROMPT_TOKENS = 4096
export const SHARED_SEQUENCES = 8

/** By what the forecast is wrong in most cases, relative to it, for each cause: see the published points. */
const UNCERTAIN = { base: 0.15, chips: 0.05, experts: 0.12, group: 0.12, longContext: 0.1, prompt: 0.12 }

/** The parts of a placement that decide its speed. */
export interface PlacedGroup extends Pick<Placement, 'strategy' | 'backend' | 'kvBits'> {
  readonly shards: readonly Pick<PlacedShard, 'nodeId' | 'layers' | 'weightBytes' | 'kvBytes'>[]
}

/**
 * How fast a placement answers, from the speed of its machines and paths.
 *
 * @param topology - the nodes with their chips or measured speeds, and the links between them
 */
export function forecastSpeed(
  card: ModelCard,
  placement: PlacedGroup,
  topology: Topology,
  { traits = MLX_TRAITS, contexts = SHOWN_CONTEXTS }: { readonly traits?: EngineTraits; readonly contexts?: readonly number[] } = {},
): SpeedForecast | NoForecast {
  const { backend, shards } = placement
  const speeds: MachineSpeeds[] = []
  for (const { nodeId } of shards) {
    const node = topology.nodes[nodeId]
    const known = node && machineSpeeds(node)
    if (!known) {
      const chip = node?.chip === undefined ? 'its chip is not stated' : `its chip "${node.chip}" is not in the table`
      return { unknown: `The speed of ${nodeName(nodeId, node)} is unknown: ${chip}. Run exo calibrate on it.` }
    }
    speeds.push(known)
  }
  const path = slowestPath(
    shards.map(({ nodeId }) => nodeId),
    topology,
    backend === 'jaccl',
  )
  if (shards.length > 1 && !path) return { unknown: 'The path between the machines is unknown.' }
  const work = modelWork(card, placement.kvBits)
  const groups = candidateGroups(work, placement, speeds, path, traits)
  const basis = speeds.every((each) => each.basis === 'measured') ? 'measured' : 'chips'
  const causes = [UNCERTAIN.base, ...(basis === 'chips' ? [UNCERTAIN.chips] : []), ...(card.experts ? [UNCERTAIN.experts] : [])]
  if (path) causes.push(UNCERTAIN.group)
  const range = (valueOf: (group: SpeedGroup) => number, ...more: number[]): SpeedRange =>
    rangeOf(groups.map(valueOf), Math.hypot(...causes, ...more))
  return {
    decode: contexts.map((contextTokens) => ({
      contextTokens,
      tokensPerSecond:
        contextTokens > card.contextTokens
          ? null
          : range((group) => 1 / decodeSeconds(group, contextTokens), ...(contextTokens > PROMPT_TOKENS ? [UNCERTAIN.longContext] : [])),
    })),
    prefillTokensPerSecond: range((group) => PROMPT_TOKENS / promptSeconds(group, PROMPT_TOKENS), UNCERTAIN.prompt),
    firstTokenSeconds: range((group) => promptSeconds(group, PROMPT_TOKENS), UNCERTAIN.prompt),
    sharedTokensPerSecond: range((group) => SHARED_SEQUENCES / decodeSeconds(group, PROMPT_TOKENS, SHARED_SEQUENCES), UNCERTAIN.prompt),
    memoryLeft: shards.map(({ nodeId, weightBytes, kvBytes }) => ({
      nodeId,
      bytes: Math.max(0, (topology.nodes[nodeId]?.availableBytes ?? 0) - weightBytes - kvBytes),
    })),
    basis,
  }
}

/** The tokens per second of one request at this length of the context: what most measurements are near. */
export function likelyTokensPerSecond(forecast: SpeedForecast, contextTokens: number): number {
  const { decode } = forecast
  const shown = decode.filter(({ tokensPerSecond }) => tokensPerSecond !== null)
  const near = shown.find((each) => each.contextTokens >= contextTokens) ?? shown.at(-1)
  return near?.tokensPerSecond?.likely ?? 0
}

/** All slowest variants together, and all fastest: the range of what the machines may be. */
function candidateGroups(
  work: ModelWork,
  { strategy, shards }: PlacedGroup,
  speeds: readonly MachineSpeeds[],
  path: PathSpeed | null,
  traits: EngineTraits,
): SpeedGroup[] {
  const most = Math.max(...speeds.map(({ candidates }) => candidates.length))
  return Array.from({ length: most }, (_, variant) => ({
    work,
    strategy,
    path,
    traits,
    ranks: shards.map(({ layers }, rank) => {
      const { candidates } = speeds[rank] as MachineSpeeds
      return {
        speed: candidates[Math.min(variant, candidates.length - 1)] as (typeof candidates)[number],
        layers: layers.end - layers.start,
      }
    }),
  }))
}

/** The slowest of the paths from each rank to the next. */
function slowestPath(nodeIds: readonly NodeId[], topology: Topology, isRdma: boolean): PathSpeed | null {
  if (nodeIds.length < 2) return null
  const between = linksBetween(topology.links)
  const paths = nodeIds.map((from, rank) => {
    const to = nodeIds[(rank + 1) % nodeIds.length] as NodeId
    return pathSpeed(between(from, to), isRdma) ?? pathSpeed(between(to, from), isRdma)
  })
  if (paths.some((path) => path === null)) return null
  return (paths as PathSpeed[]).reduce((slowest, path) => (path.messageSeconds > slowest.messageSeconds ? path : slowest))
}

function rangeOf(values: readonly number[], uncertain: number): SpeedRange {
  const likely = values.reduce((total, value) => total + value, 0) / values.length
  return { low: Math.min(...values) * (1 - uncertain), likely, high: Math.max(...values) * (1 + uncertain) }
}
