import { expect, it } from 'vitest'
import { aPlacement, after, becameReady, created, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import { noticeBrokenGroups } from './notice-broken-groups.ts'

it('notices once that a shard failed of a group with a rank here', () => {
  const fail = (state: ClusterState, epoch: number): ClusterState =>
    applyEvent(state, {
      type: 'shard-status',
      instanceId: InstanceId.parse('x'),
      epoch,
      rank: 1,
      status: 'failed',
      port: null,
      residentBytes: 0,
      code: 'group-failed',
      message: 'gone',
    })
  const ready = after(...joined('a', 'b', 'c'), created('x', aPlacement('a', 'b')), ...becameReady('x', 1, 2))
  const noticed: string[] = []
  const nodes = ['a', 'c'].map((name) => noticeBrokenGroups(NodeId.parse(name), () => noticed.push(name)))
  const see = (state: ClusterState): void => nodes.forEach((notice) => notice(state))
  see(ready)
  expect(noticed).toEqual([])
  see(fail(ready, 1))
  see(fail(ready, 1))
  expect(noticed).toEqual(['a'])
  see(ready)
  see(fail(ready, 1))
  expect(noticed).toEqual(['a', 'a'])
})
