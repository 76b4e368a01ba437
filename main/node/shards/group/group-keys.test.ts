import { describe, expect, it } from 'vitest'
import { after, aPlacement, created, joined } from '../../../domain/cluster/__fixtures__/builders.ts'
import type { InstanceState } from '../../../domain/cluster/cluster-state.ts'
import { InstanceId, NodeId } from '../../../shared/ids.ts'
import { linkTwo, type TestLinks } from '../../__fixtures__/link-two.ts'
import { GroupKeys, type RingKeys } from './group-keys.ts'

const [a, b, c] = ['a', 'b', 'c'].map((name) => NodeId.parse(name)) as [NodeId, NodeId, NodeId]
const X = InstanceId.parse(`instance-${'0'.repeat(23)}1`)

function instanceOn(...names: string[]): InstanceState {
  return after(...joined('a', 'b', 'c'), created(X, aPlacement(...names))).instances[X]!
}

function keysOf(nodeId: NodeId, routes: TestLinks, instance: InstanceState | undefined, linked: readonly NodeId[]): GroupKeys {
  let draws = 0
  return new GroupKeys({
    nodeId,
    routes,
    linked: () => linked.map((other) => ({ nodeId: other })),
    instance: (instanceId) => (instanceId === X ? instance : undefined),
    random: { bytes: (count) => new Uint8Array(count).fill((draws += 1)) },
    clock: { sleep: () => Promise.resolve() },
    log: { debug: () => undefined, warn: () => undefined },
  })
}

const { signal } = new AbortController()
const ask = (keys: GroupKeys, instance: InstanceState, rank: number): Promise<RingKeys> =>
  keys.of({ instance, shard: instance.placement.shards[rank]! }, signal)

describe('GroupKeys', () => {
  it('gives two neighbours the key of their connection, another one for each direction', async () => {
    const [linksOfA, linksOfB] = linkTwo(a, b)
    const instance = instanceOn('a', 'b')
    const [zero, one] = [
      await ask(keysOf(a, linksOfA, instance, [b]), instance, 0),
      await ask(keysOf(b, linksOfB, instance, [a]), instance, 1),
    ]
    expect(zero.after).toBe(one.before)
    expect(zero.before).toBe(one.after)
    expect(zero.before).not.toBe(zero.after)
  })

  it('B1: draws another secret for each epoch, and keeps it while that lasts', async () => {
    const [linksOfA] = linkTwo(a, b)
    const instance = instanceOn('a', 'b')
    const keys = keysOf(a, linksOfA, instance, [b])
    const first = await ask(keys, instance, 0)
    expect(await ask(keys, instance, 0)).toEqual(first)
    const second = await ask(keys, { ...instance, epoch: 2 }, 0)
    expect(second).not.toEqual(first)
    keys.keepOnly(() => false)
    expect(await ask(keys, { ...instance, epoch: 2 }, 0)).not.toEqual(second)
  })

  it('B1: tells a node no keys but those of its own rank, and none of another epoch', async () => {
    const [linksOfA, linksOfB] = linkTwo(a, b)
    const instance = instanceOn('a', 'b', 'c')
    keysOf(a, linksOfA, instance, [b, c])
    const asking = keysOf(b, linksOfB, instance, [a])
    expect(await ask(asking, instance, 1)).toBeDefined()
    await expect(ask(asking, instance, 2)).rejects.toMatchObject({ code: 'group-failed' })
    await expect(ask(asking, { ...instance, epoch: 2 }, 1)).rejects.toMatchObject({ code: 'group-failed' })
    await expect(ask(asking, { ...instance, instanceId: InstanceId.parse(`instance-${'0'.repeat(23)}2`) }, 1)).rejects.toMatchObject({
      code: 'group-failed',
    })
  })

  it('tells a node without a link of its own by way of another', async () => {
    const [linksOfA, linksOfB] = linkTwo(a, b)
    const instance = instanceOn('a', 'b', 'c')
    keysOf(a, linksOfA, instance, [b])
    expect(await ask(keysOf(c, linksOfB, instance, [b]), instance, 2)).toMatchObject({ before: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it('asks again until rank 0 tells them', async () => {
    const [linksOfA, linksOfB] = linkTwo(a, b)
    const instance = instanceOn('a', 'b')
    let refusals = 3
    const flaky: TestLinks = {
      ...linksOfB,
      openStream: (...open) => (refusals-- > 0 ? linksOfB.openStream(c, 'none', null) : linksOfB.openStream(...open)),
    }
    keysOf(a, linksOfA, instance, [b])
    expect(await ask(keysOf(b, flaky, instance, [a]), instance, 1)).toBeDefined()
  })
})
