import { describe, expect, it } from 'vitest'
import { InstanceId, ModelId, NodeId } from '../../shared/ids.ts'
import type { LeaderCommand } from '../../shared/wire/peer/leader-command.ts'
import type { NodeSample } from '../../shared/wire/peer/node-report.ts'
import { aCard, aNode, aPlacement, after, aRequest, becameReady, created, GB } from '../cluster/__fixtures__/builders.ts'
import { applyEvent } from '../cluster/replication/apply-event.ts'
import type { ClusterState } from '../cluster/cluster-state.ts'
import { clusterTopology } from '../placement/cluster-topology.ts'
import { decideLeaderCommand } from './decide-leader-command.ts'
import { trackUses, type UseLog } from './uses/track-uses.ts'

const fresh = InstanceId.parse('fresh')
/** Takes a little more than 2 GB with headroom. */
const wanted = aCard({ modelId: ModelId.parse('org/wanted'), weightBytes: 2 * GB })
const place = (changes: Partial<Extract<LeaderCommand, { type: 'place-instance' }>> = {}): LeaderCommand => ({
  type: 'place-instance',
  card: wanted,
  request: aRequest(),
  pinned: false,
  reuse: true,
  ...changes,
})
const free = (bytes: number, b = 0): Parameters<typeof clusterTopology>[1] => ({ a: bytes, b }) as Parameters<typeof clusterTopology>[1]

interface Held {
  readonly id: string
  readonly idleMs: number
  readonly pinned?: boolean
  readonly on?: string
  readonly modelId?: string
  /** It holds nothing yet. */
  readonly isLoading?: boolean
}

/** Instances of 1 GB each, last used this long ago; 0: now. */
function holding(...held: readonly Held[]): { state: ClusterState; uses: UseLog } {
  let state = after({ type: 'node-joined', node: aNode('a') }, { type: 'node-joined', node: aNode('b') })
  for (const { id, pinned = false, on = 'a', modelId = `org/${id}`, isLoading = false } of held) {
    state = [
      created(id, aPlacement(on), { card: aCard({ modelId: ModelId.parse(modelId), weightBytes: GB }), pinned }),
      ...(isLoading ? [] : becameReady(id, 1, 1)),
    ].reduce(applyEvent, state)
  }
  const uses = new Map(
    held.map(({ id, idleMs }) => [InstanceId.parse(id), { usedAtMs: 100_000 - idleMs, isBusy: idleMs === 0, mark: '' }] as const),
  )
  return { state, uses }
}

function decide({ state, uses }: ReturnType<typeof holding>, availableBytes = free(0.5 * GB), command = place()) {
  return decideLeaderCommand(state, clusterTopology(state, availableBytes), command, fresh, { availableBytes, uses, nowMs: 100_000 })
}
const unloaded = (decision: ReturnType<typeof decide>): string[] =>
  decision.events.flatMap((event) => (event.type === 'instance-deleted' ? [event.instanceId] : []))

describe('F4: a model for which there is no room', () => {
  it('takes the place of those used longest ago, and of no more than it takes', () => {
    const held = holding({ id: 'recent', idleMs: 5_000 }, { id: 'oldest', idleMs: 50_000 }, { id: 'old', idleMs: 20_000 })
    const decision = decide(held)
    expect(unloaded(decision)).toEqual(['oldest', 'old'])
    expect(decision.events.at(-1)).toMatchObject({ type: 'instance-created', instanceId: 'fresh' })
    expect(decision.events[0]).toMatchObject({ reason: 'it was idle, and org/wanted needed its memory' })
    expect(unloaded(decide(held, free(1.5 * GB)))).toEqual(['oldest'])
    expect(unloaded(decide(held, free(5 * GB)))).toEqual([])
  })

  it('spares what lies where nothing is needed', () => {
    const held = holding({ id: 'elsewhere', idleMs: 90_000, on: 'b' }, { id: 'x', idleMs: 20_000 }, { id: 'y', idleMs: 10_000 })
    expect(unloaded(decide(held, free(0.5 * GB, 0)))).toEqual(['x', 'y'])
  })

  it('never unloads a model that a client keeps forever', () => {
    const { state, uses } = holding({ id: 'kept', idleMs: 90_000 }, { id: 'x', idleMs: 20_000 }, { id: 'y', idleMs: 10_000 })
    const availableBytes = free(1.5 * GB)
    const kept = new Set([InstanceId.parse('kept')])
    expect(
      unloaded(
        decideLeaderCommand(state, clusterTopology(state, availableBytes), place(), fresh, { availableBytes, uses, kept, nowMs: 100_000 }),
      ),
    ).toEqual(['x'])
    const alone = holding({ id: 'kept', idleMs: 90_000 })
    expect(() =>
      decideLeaderCommand(alone.state, clusterTopology(alone.state, availableBytes), place(), fresh, {
        availableBytes,
        uses: alone.uses,
        kept,
        nowMs: 100_000,
      }),
    ).toThrow(/org\/kept \(1\.0 GB, to stay loaded/)
  })

  it.each<[string, Held[], RegExp]>([
    [
      'busy',
      [
        { id: 'x', idleMs: 0 },
        { id: 'y', idleMs: 9_000 },
      ],
      /used by org\/x \(1\.0 GB, in use: DELETE \/instance\/x\), org\/y \(1\.0 GB, idle: DELETE \/instance\/y\)\. Unload one/,
    ],
    [
      'pinned',
      [
        { id: 'x', idleMs: 90_000, pinned: true },
        { id: 'y', idleMs: 9_000 },
      ],
      /used by org\/x \(1\.0 GB, to stay loaded: DELETE \/instance\/x\)/,
    ],
    [
      'of the same model',
      [
        { id: 'x', idleMs: 90_000, modelId: 'org/wanted' },
        { id: 'y', idleMs: 9_000 },
      ],
      /used by org\/y/,
    ],
    [
      'only just used',
      [
        { id: 'x', idleMs: 1_000 },
        { id: 'y', idleMs: 9_000 },
      ],
      /used by org\/x/,
    ],
  ])('never takes the place of one that is %s, and says who holds the memory', (_, held, message) => {
    const command = place({ reuse: false })
    expect(() => decide(holding(...held), free(0.5 * GB), command)).toThrow(
      expect.objectContaining({ code: 'not-enough-memory', message: expect.stringMatching(message) }),
    )
  })

  it('says that the memory may be there in a moment where only use is in the way', () => {
    const mayPass = (...held: Held[]): unknown => mayPassWith(0.5 * GB, ...held)
    const mayPassWith = (bytes: number, ...held: Held[]): unknown => {
      try {
        decide(holding(...held), free(bytes))
      } catch (error) {
        return (error as { details: { mayPass?: boolean } }).details.mayPass
      }
      return null
    }
    expect(mayPass({ id: 'x', idleMs: 0 }, { id: 'y', idleMs: 9_000 })).toBe(true)
    expect(mayPass({ id: 'x', idleMs: 90_000, pinned: true }, { id: 'y', idleMs: 9_000 })).toBe(false)
    expect(mayPass({ id: 'x', idleMs: 0 })).toBe(false)
    expect(mayPassWith(2.6 * GB, { id: 'x', idleMs: 0, isLoading: true }, { id: 'y', idleMs: 0, isLoading: true })).toBe(true)
  })

  it('moves nothing for an instance of chosen nodes', () => {
    const command = place({ request: aRequest({ onlyNodes: [NodeId.parse('a')] }) })
    expect(() => decide(holding({ id: 'x', idleMs: 9_000 }, { id: 'y', idleMs: 9_000 }), free(0.5 * GB), command)).toThrow(
      /Not enough memory/,
    )
  })
})

describe('trackUses', () => {
  const { state } = holding({ id: 'x', idleMs: 0 })
  const sample = (running: number, ...firstTokens: number[]): NodeSample => ({
    nodeId: NodeId.parse('a'),
    epochMs: 0,
    availableBytes: 0,
    downloads: [],
    rates: [{ instanceId: InstanceId.parse('x'), decodeTokensPerSecond: 0, prefillTokensPerSecond: 0, running, waiting: 0, kvBytes: 0 }],
    firstTokens: firstTokens.map((atEpochMs) => ({ instanceId: InstanceId.parse('x'), ttftMs: 1, atEpochMs })),
  })
  const x = InstanceId.parse('x')

  it('takes what runs, a first token, and a new instance for a use', () => {
    let uses = trackUses(state, [], new Map(), 0)
    expect(uses.get(x)).toMatchObject({ usedAtMs: 0, isBusy: false })
    uses = trackUses(state, [sample(1)], uses, 100)
    expect(uses.get(x)).toMatchObject({ usedAtMs: 100, isBusy: true })
    uses = trackUses(state, [sample(0)], uses, 200)
    expect(uses.get(x)).toMatchObject({ usedAtMs: 100, isBusy: false })
    uses = trackUses(state, [sample(0, 5)], uses, 300)
    uses = trackUses(state, [sample(0, 5)], uses, 400)
    expect(uses.get(x)).toMatchObject({ usedAtMs: 300 })
    // The node has forgotten the sample.
    expect(trackUses(state, [sample(0)], uses, 500).get(x)).toMatchObject({ usedAtMs: 300 })
  })

  it('takes an instance that is being loaded for busy, and forgets one that is gone', () => {
    const loading = applyEvent(after({ type: 'node-joined', node: aNode('a') }), created('x', aPlacement('a')))
    const uses = trackUses(loading, [], new Map(), 0)
    expect(uses.get(x)?.isBusy).toBe(true)
    expect(trackUses(after(), [], uses, 1).size).toBe(0)
  })
})
