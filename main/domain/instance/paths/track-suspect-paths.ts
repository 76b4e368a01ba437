import { type ClusterState, type InstanceState, isCutOff, linksOf } from '../../cluster/cluster-state.ts'
import { bareAddress } from '../../../shared/addresses/bare-address.ts'
import { type PlacedPath, placedPaths } from './placed-paths.ts'

interface SuspectPath {
  readonly path: PlacedPath
  /** When a group last stalled on it. */
  readonly sinceMs: number
}

/** Paths over which a group stalled, by `pathKey`. */
export type SuspectPaths = ReadonlyMap<string, SuspectPath>

/** For this long, such a path is used only if there is no other. */
export const SUSPECT_FOR_MS = 5 * 60_000

/**
 * A live worker that made no progress, or ranks that could not connect. In a group the usual cause is the network, for
 * example a path that passes heartbeats and drops large packets.
 */
const STANDSTILL_PATTERN = /made no progress and was ended|did not start to load the model|is not acknowledged by/

/** An address that its node no longer has: the cable was unplugged, and after it returns, the path is like a new one. */
function isUnplugged(state: ClusterState, { to, address }: PlacedPath): boolean {
  const node = state.nodes[to]
  return node !== undefined && !isCutOff(node, address) && !node.addresses.includes(bareAddress(address))
}

/** @param nowMs - time of a monotonic clock */
export function trackSuspectPaths(state: ClusterState, before: SuspectPaths, nowMs: number): SuspectPaths {
  const suspects = new Map([...before].filter(([, { path, sinceMs }]) => nowMs - sinceMs < SUSPECT_FOR_MS && !isUnplugged(state, path)))
  for (const instance of Object.values<InstanceState>(state.instances)) {
    if (stoodStill(instance)) for (const path of placedPaths(instance.placement)) suspects.set(pathKey(path), { path, sinceMs: nowMs })
  }
  return suspects
}

/** The state without the suspect paths. */
export function withoutSuspects(state: ClusterState, suspects: SuspectPaths): ClusterState {
  const kept = linksOf(state).filter((link) => link.kind !== 'tcp' || !suspects.has(pathKey(link)))
  return { ...state, links: Object.fromEntries(Object.keys(state.links).map((from) => [from, kept.filter((link) => link.from === from)])) }
}

function stoodStill({ placement, shards }: InstanceState): boolean {
  return placement.backend === 'ring' && shards.some(({ status, message }) => status === 'failed' && STANDSTILL_PATTERN.test(message ?? ''))
}

function pathKey({ from, to, address }: Pick<PlacedPath, 'from' | 'to' | 'address'>): string {
  return `${from} ${to} ${address}`
}
