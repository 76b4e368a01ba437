import { beforeEach, describe, expect, it } from 'vitest'
import { aPlacement, after, created, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import type { InstanceState } from '../../domain/cluster/cluster-state.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import { linkTwo } from '../__fixtures__/link-two.ts'
import { createRankSteps } from './rank-steps.ts'

const [a, b] = [NodeId.parse('a'), NodeId.parse('b')]
const step = (beginEpochMs: number): RankStep => ({
  beginEpochMs,
  endEpochMs: beginEpochMs + 10,
  planMs: 1,
  decodedTokens: 1,
  prefilledTokens: 0,
})

let collect: ReturnType<typeof createRankSteps>
let instance: InstanceState
let warnings: string[]
let stepsOfB: () => Promise<RankStep[]>

/** Node b's clock is 1,000 ms before node a's. */
beforeEach(() => {
  warnings = []
  stepsOfB = async () => [step(1_000), step(1_100), step(1_400)]
  instance = after(...joined('a', 'b'), created('instance-000000000000000000000001', aPlacement('a', 'b'))).instances[
    InstanceId.parse('instance-000000000000000000000001')
  ] as InstanceState
  const shardsOf = (steps: () => Promise<RankStep[]>) => ({ ready: () => ({ worker: { steps } }) as never })
  const [linksOfA, linksOfB] = linkTwo(a, b)
  const common = { nodeName: (nodeId: NodeId) => `desk ${nodeId}`, log: { warn: (message: string) => void warnings.push(message) } }
  collect = createRankSteps({
    ...common,
    nodeId: a,
    shards: shardsOf(async () => [step(0), step(100), step(400)]),
    links: linksOfA,
    clockSkewMs: () => new Map([[b, 1_000]]),
  })
  createRankSteps({ ...common, nodeId: b, shards: shardsOf(() => stepsOfB()), links: linksOfB, clockSkewMs: () => new Map() })
})

describe('the steps of ranks', () => {
  it('are those of the time asked for, in the time of who asks', async () => {
    expect(await collect(instance, 50, 200)).toEqual([
      { rank: 0, nodeName: 'desk a', steps: [step(100)] },
      { rank: 1, nodeName: 'desk b', steps: [step(100)] },
    ])
  })

  it('of a rank that does not tell are left out, with a warning', async () => {
    stepsOfB = () => Promise.reject(new Error('its worker is gone'))
    expect((await collect(instance, 50, 200)).map(({ rank }) => rank)).toEqual([0])
    expect(warnings).toHaveLength(1)
  })
})
