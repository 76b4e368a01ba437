import { NodeId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { type Placement, PlacementRequest } from '../../shared/placement.ts'
import type { SpeedRange } from '../../shared/speed/speed-forecast.ts'
import { Topology } from '../../shared/topology.ts'
import { PlacementError } from '../placement/placement-error.ts'
import { chipsOf } from './machine/chips.ts'
import { Desk, deskTopology } from './desk.ts'
import { forecastSpeed } from './forecast-speed.ts'
import type { Wish } from './parse-wish.ts'
import { placeForGoal } from './place-for-goal.ts'
import type { Prices, PricedMachine } from './prices.ts'

/** One way to run a model, with what must change for it. */
export interface Advice {
  /** Empty: as it is now. */
  readonly changes: readonly string[]
  /** In the currency of the price table. */
  readonly cost: number
  readonly modelId: string
  readonly placement: Pick<Placement, 'strategy' | 'backend' | 'shards'> | null
  /** At the wished context; null: the model does not fit, or a speed is unknown. */
  readonly tokensPerSecond: SpeedRange | null
  /** Why there is no speed. */
  readonly obstacle: string | null
  readonly reaches: boolean
}

/** Chips whose Thunderbolt 5 ports support RDMA. */
const RDMA_CHIP = /\b(M4 (Pro|Max)|M3 Ultra|M5 (Pro|Max))\b/i
const LISTED = 5
/** More money must buy this much more speed. */
const WORTHWHILE = 1.05
/** With more machines, cables between all of them are too many ports. */
const MESH_LIMIT = 5

/**
 * What to change so that a model reaches a speed: nothing, another quantization, cables, one more machine, or several of
 * these; cheapest first. If nothing within the budget reaches it, the fastest ways.
 *
 * @param cards - the model and its other quantizations
 * @param have - a `Desk` or a `Topology`, not yet validated
 * @throws ZodError if `have` is neither
 */
export function advise(cards: readonly ModelCard[], have: unknown, wish: Wish, prices: Prices, budget: number): Advice[] {
  const desks = desksFrom(have, prices).filter(({ cost }) => cost <= budget)
  const all = desks.flatMap((desk) => cards.map((card, index) => adviceFor(card, index === 0, desk, wish)))
  const current = all[0]
  const reaching = all
    .filter(({ reaches }) => reaches)
    .sort((a, b) => a.cost - b.cost || a.changes.length - b.changes.length || likely(b) - likely(a))
  const possible = all.filter(({ tokensPerSecond }) => tokensPerSecond !== null)
  const listed = (reaching.length > 0 ? reaching : byCost(possible)).filter(isWorthIt).slice(0, LISTED)
  return current && !listed.includes(current) ? [current, ...listed] : listed
}

const byCost = (advice: readonly Advice[]): Advice[] => [...advice].sort((a, b) => a.cost - b.cost || likely(b) - likely(a))

/** Whether a way is faster than all that cost no more; `ways` are the cheapest first. */
function isWorthIt(way: Advice, index: number, ways: readonly Advice[]): boolean {
  return ways.slice(0, index).every((cheaper) => likely(way) > likely(cheaper) * WORTHWHILE)
}

const likely = ({ tokensPerSecond }: Advice): number => tokensPerSecond?.likely ?? 0

interface ChangedDesk {
  readonly changes: readonly string[]
  readonly cost: number
  readonly topology: Topology
}

function desksFrom(have: unknown, prices: Prices): ChangedDesk[] {
  const desk = Desk.safeParse(have)
  if (!desk.success && !isTopology(have)) throw desk.error
  if (!desk.success) return [{ changes: [], cost: 0, topology: Topology.parse(have) }]
  const present = desk.data
  const price = (cost: number): string => `${cost.toLocaleString('en-US')} ${prices.currency}`
  const changed = (next: Desk, changes: readonly string[], cost: number): ChangedDesk => ({ changes, cost, topology: deskTopology(next) })
  const cabled = (next: Desk, changes: readonly string[], cost: number): ChangedDesk[] => {
    const { cables, added } = allCables(next)
    if (added === 0) return []
    const kind = cables.every((cable) => cable.kind === 'rdma') ? 'with RDMA' : 'with Thunderbolt'
    const name = `${added} Thunderbolt ${added === 1 ? 'cable' : 'cables'} ${kind} (${price(added * prices.cable)})`
    return [changed({ ...next, cables }, [...changes, name], cost + added * prices.cable)]
  }
  const bought = prices.machines.flatMap((machine): ChangedDesk[] => {
    const next = withMachine(present, machine)
    const name = `a ${machine.name} with ${machine.chip.replace(/^Apple /, '')} and ${machine.memoryGigabytes} GB (${price(machine.price)})`
    return [changed(next, [name], machine.price), ...cabled(next, [name], machine.price)]
  })
  return [changed(present, [], 0), ...cabled(present, [], 0), ...bought]
}

function isTopology(have: unknown): boolean {
  return typeof have === 'object' && have !== null && 'nodes' in have
}

/** A cable between each pair of machines that has none as fast. */
function allCables(desk: Desk): { readonly cables: Desk['cables']; readonly added: number } {
  const ids = Object.keys(desk.machines) as NodeId[]
  const macs = ids.filter((id) => {
    const machine = desk.machines[id]
    return machine && chipsOf({ ...machine, totalBytes: 0 }).length > 0
  })
  if (macs.length < 2 || macs.length > MESH_LIMIT) return { cables: desk.cables, added: 0 }
  const kindOf = (a: NodeId, b: NodeId): 'rdma' | 'thunderbolt' =>
    [a, b].every((id) => RDMA_CHIP.test(desk.machines[id]?.chip ?? '')) ? 'rdma' : 'thunderbolt'
  const isJoined = (a: NodeId, b: NodeId): boolean =>
    desk.cables.some(({ between, kind }) => between.includes(a) && between.includes(b) && (kind === 'rdma' || kind === kindOf(a, b)))
  const missing = macs.flatMap((a, index) =>
    macs.slice(index + 1).flatMap((b) => (isJoined(a, b) ? [] : [{ between: [a, b], kind: kindOf(a, b) }])),
  )
  return { cables: [...desk.cables, ...(missing as Desk['cables'])], added: missing.length }
}

function withMachine(desk: Desk, { chip, gpuCores, memoryGigabytes }: PricedMachine): Desk {
  let number = 1
  while (`new-${number}` in desk.machines) number += 1
  const machine = { chip, memoryGigabytes, ...(gpuCores !== undefined && { gpuCores }) }
  return { ...desk, machines: { ...desk.machines, [NodeId.parse(`new-${number}`)]: machine } }
}

function adviceFor(card: ModelCard, isWanted: boolean, { changes, cost, topology }: ChangedDesk, wish: Wish): Advice {
  const all = isWanted ? changes : [...changes, `${card.modelId} instead, which needs ${bitsOf(card)} bits per weight`]
  const none = (obstacle: string): Advice => ({
    changes: all,
    cost,
    modelId: card.modelId,
    placement: null,
    tokensPerSecond: null,
    obstacle,
    reaches: false,
  })
  const contextTokens = Math.max(1, wish.contextTokens)
  if (contextTokens > card.contextTokens) return none(`The model's context is ${card.contextTokens} tokens.`)
  try {
    const placement = placeForGoal(card, topology, PlacementRequest.parse({ contextTokens, optimize: 'latency', headroomRatio: 0 }))
    const forecast = forecastSpeed(card, placement, topology, { contexts: [wish.contextTokens] })
    if ('unknown' in forecast) return none(forecast.unknown)
    const tokensPerSecond = forecast.decode[0]?.tokensPerSecond ?? null
    const { strategy, backend, shards } = placement
    return {
      changes: all,
      cost,
      modelId: card.modelId,
      placement: { strategy, backend, shards },
      tokensPerSecond,
      obstacle: null,
      reaches: (tokensPerSecond?.likely ?? 0) >= wish.tokensPerSecond,
    }
  } catch (error) {
    if (!(error instanceof PlacementError)) throw error
    return none(error.message)
  }
}

function bitsOf({ quantization }: ModelCard): number {
  return quantization?.bits ?? 16
}
