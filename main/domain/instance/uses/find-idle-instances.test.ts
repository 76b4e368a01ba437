import { describe, expect, it } from 'vitest'
import type { ClusterState } from '../../cluster/cluster-state.ts'
import { EMPTY_CLUSTER } from '../../cluster/cluster-state.ts'
import { InstanceId } from '../../../shared/ids.ts'
import type { ShardStats } from '../../../shared/shard.ts'
import { type ActivityLog, findIdleInstances } from './find-idle-instances.ts'

const instanceId = InstanceId.parse('i1')
const state = (pinned: boolean): ClusterState => ({ ...EMPTY_CLUSTER, instances: { [instanceId]: { pinned } as never } })
const stats = (steps: number, running = 0): { instanceId: InstanceId; stats: ShardStats }[] => [
  { instanceId, stats: { steps, running, waiting: 0 } as ShardStats },
]
const quiet: ActivityLog = new Map([[instanceId, { steps: 5, activeAtMs: 1_000 }]])

describe('findIdleInstances', () => {
  it('names an instance that made no step for the whole time', () => {
    expect(findIdleInstances(state(false), stats(5), quiet, 61_000, 60_000).idle).toEqual([instanceId])
  })
  it.each([
    ['it has just come', false, stats(5), new Map()],
    ['it made a step', false, stats(6), quiet],
    ['a request runs', false, stats(5, 1), quiet],
    ['it was asked for at start', true, stats(5), quiet],
  ])('keeps it when %s', (_, pinned, now, before) => {
    expect(findIdleInstances(state(pinned), now, before, 61_000, 60_000).idle).toEqual([])
  })
  it('keeps it before its time, and always when unloading is off', () => {
    expect(findIdleInstances(state(false), stats(5), quiet, 60_999, 60_000).idle).toEqual([])
    expect(findIdleInstances(state(false), stats(5), quiet, 1e9, 0).idle).toEqual([])
  })

  const keeps = (keepMs: number | null) => new Map([[instanceId, { instanceId, keepMs, atEpochMs: 0 }]])
  it('goes by what a client has said of it', () => {
    expect(findIdleInstances(state(false), stats(5), quiet, 6_000, 60_000, keeps(5_000)).idle).toEqual([instanceId])
    expect(findIdleInstances(state(false), stats(5), quiet, 5_999, 60_000, keeps(5_000)).idle).toEqual([])
    expect(findIdleInstances(state(false), stats(5), quiet, 1e9, 60_000, keeps(null)).idle).toEqual([])
    expect(findIdleInstances(state(false), stats(5), quiet, 6_000, 0, keeps(5_000)).idle).toEqual([instanceId])
    expect(findIdleInstances(state(true), stats(5), quiet, 6_000, 60_000, keeps(0)).idle).toEqual([])
  })
  it('unloads at once what is to go after its answer, and not before its end', () => {
    expect(findIdleInstances(state(false), stats(5, 1), quiet, 6_000, 60_000, keeps(0)).idle).toEqual([])
    expect(findIdleInstances(state(false), stats(5), quiet, 6_000, 60_000, keeps(0)).idle).toEqual([instanceId])
  })
})
