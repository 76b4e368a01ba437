import { NodeId } from '../../../shared/ids.ts'
import type { ElectionMessage } from '../../../shared/wire/peer/peer-message.ts'
import { type ElectionInput, type ElectionState, isLeading, leaderOf, startElection } from '../election-state.ts'
import { step } from '../step.ts'

const TICK_MS = 100

export interface NetworkConditions {
  /** The share of messages that are lost. */
  lossRatio: number
  /** Each message takes from `delayMs` to `delayMs + jitterMs`. With jitter, messages overtake each other. */
  delayMs: number
  jitterMs: number
}

export interface SimulationOptions extends NetworkConditions {
  /** Numbers from 0 to 1. */
  readonly random: () => number
  /** The share by which a node's clock may run fast or slow. */
  readonly skewRatio: number
}

interface SimulatedNode {
  state: ElectionState
  isUp: boolean
  tickMs: number
}

interface Happening {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Many elections on one network in virtual time. Throws as soon as two nodes claim the same term. */
export class ElectionSimulation {
  readonly conditions: NetworkConditions
  nowMs = 0
  /** Number of messages sent. */
  sent = 0
  /** How often the leader of any node changed. */
  leaderChanges = 0
  private readonly options: SimulationOptions
  private readonly nodes = new Map<string, SimulatedNode>()
  private readonly links = new Set<string>()
  private readonly leaderOfTerm = new Map<number, string>()
  private readonly rounds = new Map<string, number>()
  private happenings: Happening[] = []
  private order = 0

  constructor(options: SimulationOptions) {
    this.options = options
    this.conditions = { lossRatio: options.lossRatio, delayMs: options.delayMs, jitterMs: options.jitterMs }
  }

  start(name: string): void {
    const tickMs = TICK_MS * (1 + this.options.skewRatio * (2 * this.options.random() - 1))
    const node = { state: startElection(NodeId.parse(name), this.rounds.get(name) ?? 0), isUp: true, tickMs }
    this.nodes.set(name, node)
    const tick = (): void => {
      if (this.nodes.get(name) !== node || !node.isUp) return
      this.input(name, { type: 'tick' })
      this.at(this.nowMs + tickMs, tick)
    }
    this.at(this.nowMs + tickMs * this.options.random(), tick)
    for (const other of this.nodes.keys()) if (this.isLinked(name, other)) this.openLink(name, other)
  }

  /** @param isSeen - whether the others see the link close at once, as when a process dies, or only notice the silence */
  stop(name: string, isSeen: boolean): void {
    const node = this.nodes.get(name)
    if (!node) return
    node.isUp = false
    this.nodes.delete(name)
    for (const other of this.nodes.keys())
      if (isSeen && this.isLinked(name, other)) this.input(other, { type: 'peer-down', peerId: NodeId.parse(name) })
  }

  goOver(name: string): void {
    this.input(name, { type: 'gone-over' })
  }

  link(a: string, b: string): void {
    if (this.isLinked(a, b) || a === b) return
    this.links.add(linkKey(a, b))
    if (this.nodes.has(a) && this.nodes.has(b)) this.openLink(a, b)
  }

  unlink(a: string, b: string, isSeen: boolean): void {
    if (!this.links.delete(linkKey(a, b)) || !isSeen) return
    if (this.nodes.has(a)) this.input(a, { type: 'peer-down', peerId: NodeId.parse(b) })
    if (this.nodes.has(b)) this.input(b, { type: 'peer-down', peerId: NodeId.parse(a) })
  }

  run(forMs: number): void {
    const endMs = this.nowMs + forMs
    for (let next = this.takeNext(endMs); next; next = this.takeNext(endMs)) {
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = endMs
  }

  /** A message of a node outside the simulation, or a forged one. */
  say(from: string, to: string, message: ElectionMessage): void {
    this.input(to, { type: 'message', from: NodeId.parse(from), message })
  }

  stateOf(name: string): ElectionState | null {
    return this.nodes.get(name)?.state ?? null
  }

  running(): string[] {
    return [...this.nodes.keys()].sort()
  }

  /** Nodes that have a path to each other. */
  components(): string[][] {
    const seen = new Set<string>()
    return this.running().flatMap((name) => {
      if (seen.has(name)) return []
      const component = [name]
      for (const node of component)
        component.push(...this.running().filter((other) => this.isLinked(node, other) && !component.includes(other)))
      component.forEach((node) => seen.add(node))
      return [component.sort()]
    })
  }

  /** The leaders that the nodes of a component follow, each once; null for nodes without a leader. */
  leadersOf(component: readonly string[]): (string | null)[] {
    return [...new Set(component.map((name) => this.stateOf(name)?.claim?.leaderId ?? null))]
  }

  private openLink(a: string, b: string): void {
    this.input(a, { type: 'peer-up', peerId: NodeId.parse(b) })
    this.input(b, { type: 'peer-up', peerId: NodeId.parse(a) })
  }

  private isLinked(a: string, b: string): boolean {
    return this.links.has(linkKey(a, b))
  }

  private input(name: string, input: ElectionInput): void {
    const node = this.nodes.get(name)
    if (!node) return
    const before = node.state
    const next = step(before, input)
    node.state = next.state
    this.rounds.set(name, next.state.round)
    const [old, now] = [leaderOf(before), leaderOf(next.state)]
    if (old && now?.nodeId !== old.nodeId) this.leaderChanges++
    if (isLeading(next.state) && now) this.record(now.term, name)
    for (const { to, message } of next.messages) {
      this.sent++
      const { delayMs, jitterMs, lossRatio } = this.conditions
      if (this.options.random() < lossRatio) continue
      this.at(this.nowMs + delayMs + jitterMs * this.options.random(), () => {
        if (this.isLinked(name, to)) this.input(to, { type: 'message', from: NodeId.parse(name), message })
      })
    }
  }

  private record(term: number, name: string): void {
    const other = this.leaderOfTerm.get(term) ?? name
    if (other !== name) throw new Error(`${other} and ${name} both lead term ${term}`)
    this.leaderOfTerm.set(term, name)
  }

  private at(atMs: number, run: () => void): void {
    const happening = { atMs, order: this.order++, run }
    let place = this.happenings.length
    this.happenings.push(happening)
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(happening, this.happenings[parent] as Happening)) break
      this.happenings[place] = this.happenings[parent] as Happening
      place = parent
    }
    this.happenings[place] = happening
  }

  private takeNext(endMs: number): Happening | null {
    const [first] = this.happenings
    if (!first || first.atMs > endMs) return null
    const last = this.happenings.pop() as Happening
    const size = this.happenings.length
    if (size === 0) return first
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && isBefore(this.happenings[child + 1] as Happening, this.happenings[child] as Happening)) child++
      if (!isBefore(this.happenings[child] as Happening, last)) break
      this.happenings[place] = this.happenings[child] as Happening
      place = child
    }
    this.happenings[place] = last
    return first
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order
}

function linkKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

/** A small generator that gives equal sequences for equal seeds (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${String(index).padStart(2, '0')}`)
}
