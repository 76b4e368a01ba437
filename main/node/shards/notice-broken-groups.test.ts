import { expect, it } from 'vitest'
import { aPlacement, after, becameReady, created, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { InstanceId } from '../../shared/ids.ts'
import type { ShardReport } from '../../shared/wire/peer/node-report.ts'
import { noticeBrokenGroups } from './notice-broken-groups.ts'

it('notices once that a shard of a group failed, and not that of a model on one node', () => {
  const fail = (state: ClusterState, epoch: number, rank = 1): ClusterState =>
    applyEvent(state, {
      type: 'shard-status',
      instanceId: InstanceId.parse('x'),
      epoch,
      rank,
      status: 'failed',
      port: null,
      residentBytes: 0,
      code: 'group-failed',
      message: 'gone',
    })
  const of = (...nodes: string[]): ClusterState =>
    after(...joined('a', 'b', 'c'), created('x', aPlacement(...nodes)), ...becameReady('x', 1, nodes.length))
  const ready = of('a', 'b')
  let noticed = 0
  let own: ShardReport[] = []
  const see = noticeBrokenGroups(
    () => (noticed += 1),
    () => own,
  )
  see(ready)
  expect(noticed).toBe(0)
  see(fail(ready, 1))
  see(fail(ready, 1))
  expect(noticed).toBe(1)
  see(ready)
  see(fail(ready, 1))
  expect(noticed).toBe(2)
  see(fail(of('a'), 1, 0))
  expect(noticed).toBe(2)
  see(ready)
  const report: ShardReport = {
    instanceId: InstanceId.parse('x'),
    epoch: 1,
    rank: 1,
    status: 'failed',
    port: null,
    residentBytes: 0,
    code: 'group-failed',
    message: 'gone',
  }
  // The leader does not know of it yet, and when it does, this is no news.
  own = [report]
  see(ready)
  see(fail(ready, 1))
  expect(noticed).toBe(3)
  own = [{ ...report, epoch: 2 }]
  see(ready)
  expect(noticed).toBe(3)
})
