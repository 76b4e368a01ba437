import { beforeEach, describe, expect, it, vi } from 'vitest'
import { aPlacement, after, becameReady, created, GB, joined } from '../../domain/cluster/__fixtures__/builders.ts'
import { applyEvent } from '../../domain/cluster/replication/apply-event.ts'
import type { ClusterState } from '../../domain/cluster/cluster-state.ts'
import type { Log } from '../../platform/log/log.ts'
import { pending } from '../../platform/waiting/pending.ts'
import { AppError } from '../../shared/app-error.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import type { RankStep } from '../../shared/rank-steps.ts'
import type { ShardInfo } from '../../shared/shard.ts'
import type { ClusterEvent } from '../../shared/wire/peer/cluster-event.ts'
import type { Worker } from '../../worker/supervisor/worker.ts'
import { ShardHost } from './shard-host.ts'

const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, with: () => silent }
const INFO: ShardInfo = { modelType: 'llama', layers: 1, vocabSize: 8, weightBytes: 10, residentBytes: 20, loadMs: 1, device: 'cpu' }
const X = InstanceId.parse('x')

/** A worker process as the host sees it. */
class FakeWorker implements Worker {
  groupMoves = 0
  moves = (): number => 3
  groupMoved = (): void => void (this.groupMoves += 1)
  readonly label: string
  readonly nativeVersion = '0'
  readonly #exit = pending<AppError<'worker-died'> | null>()
  readonly exited = this.#exit.promise
  readonly loading = pending<ShardInfo>()
  readonly stepListeners: (() => void)[] = []
  readonly standstillListeners: (() => void)[] = []
  follows = 0
  hasStopped = false

  constructor(label: string) {
    this.label = label
  }

  processId = (): null => null
  status = (): 'ready' => 'ready'
  stats = (): null => null
  load = (): Promise<ShardInfo> => this.loading.promise
  setVocabulary = (): void => undefined
  generate = (): never => {
    throw new Error('nothing generates here')
  }
  followSteps(): Promise<void> {
    this.follows += 1
    return Promise.resolve()
  }

  steps(): Promise<readonly RankStep[]> {
    return Promise.resolve([])
  }
  onStandstill = (listener: () => void): void => void this.standstillListeners.push(listener)
  onStepsBegin = (listener: () => void): void => void this.stepListeners.push(listener)
  stop(): Promise<void> {
    this.hasStopped = true
    this.#exit.resolve(null)
    return Promise.resolve()
  }
  die(): void {
    this.#exit.resolve(new AppError('worker-died', 'It was killed.'))
  }
}

describe('ShardHost', () => {
  let workers: FakeWorker[]
  let statuses: string[]
  let environments: (number | null)[][]
  let begins: number[]
  let standstills: number
  let sleeps: number[]
  let warned: string[]
  let prepare: () => Promise<string>
  let host: ShardHost

  beforeEach(() => {
    workers = []
    statuses = []
    environments = []
    begins = []
    standstills = 0
    sleeps = []
    warned = []
    prepare = () => Promise.resolve('/models/x')
    host = new ShardHost({
      nodeId: NodeId.parse('a'),
      limitBytes: () => 3 * GB,
      log: { ...silent, warn: (message, fields) => void warned.push(`${message}: ${String(fields?.['reason'])}`), with: () => silent },
      clock: { sleep: (ms) => Promise.resolve(void sleeps.push(ms)) },
      prepareModel: () => prepare(),
      reservePort: ({ instance }) => Promise.resolve(instance.placement.backend === 'local' ? null : 50_000),
      group: ({ instance }) => {
        environments.push(instance.shards.map(({ port }) => port))
        return Promise.resolve({ environment: {}, ring: null })
      },
      shardSpec: (_, modelDir) => Promise.resolve({ modelDir } as never),
      startWorker: (label) => {
        const worker = new FakeWorker(label)
        workers.push(worker)
        return Promise.resolve(worker)
      },
      onChange: () => {
        const status = host.reports()[0]?.status ?? 'none'
        if (statuses.at(-1) !== status) statuses.push(status)
      },
      onProgress: () => undefined,
      onStandstill: () => void (standstills += 1),
      onStepsBegin: (_, count) => void begins.push(count),
    })
  })

  const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 })
  const state = (...events: ClusterEvent[]): ClusterState => after(...joined('a', 'b'), ...events)
  const port = (rank: number, epoch = 1): ClusterEvent => ({
    type: 'shard-status',
    instanceId: X,
    epoch,
    rank,
    status: 'connecting',
    port: 50_000 + rank,
    residentBytes: 0,
    code: null,
    message: null,
  })

  it.each([
    ['a rank of a ring', ['a', 'b'], 1],
    ['no model on one node', ['a'], 0],
  ])('F7: tells that a step stands still: of %s', async (_, nodes, expected) => {
    await startLoaded(aPlacement(...nodes))
    for (const listener of workers[0]!.standstillListeners) listener()
    expect(standstills).toBe(expected)
  })

  async function startLoaded(placement = aPlacement('a')): Promise<ClusterState> {
    const loaded = state(created('x', placement), ...placement.shards.map((_, rank) => port(rank)))
    host.update(loaded)
    await until(() => expect(workers).toHaveLength(1))
    workers[0]!.loading.resolve(INFO)
    await until(() => expect(host.reports()[0]?.status).toBe('ready'))
    return loaded
  }

  it('loads what is placed here, and tells how far it is', async () => {
    await startLoaded()
    expect(statuses).toEqual(['fetching', 'loading', 'ready'])
    expect(host.ready(X)?.epoch).toBe(1)
    expect(host.reports()).toEqual([
      { instanceId: 'x', epoch: 1, rank: 0, status: 'ready', port: null, residentBytes: 20, code: null, message: null },
    ])
  })

  it('starts no worker for what is placed elsewhere or has failed', async () => {
    const failed: ClusterEvent = { type: 'instance-status', instanceId: X, epoch: 1, status: 'failed', reasons: [] }
    host.update(state(created('x', aPlacement('a')), failed, created('y', aPlacement('b'))))
    expect(host.reports()).toEqual([])
  })

  it('A2: ignores a placement that no leader makes, says so once, and begins it if it becomes plausible', async () => {
    const withStranger = state(created('x', aPlacement('a', 'c')))
    host.update(withStranger)
    host.update({ ...withStranger })
    expect([host.reports(), warned]).toEqual([[], ['a placement is ignored: c is not a member of the cluster']])
    host.update(applyEvent(withStranger, joined('c')[0]!))
    await until(() => expect(host.reports()[0]).toMatchObject({ status: 'connecting' }))
  })

  it('A2: refuses what is beyond its memory, whatever the leader says of the rest', async () => {
    const large = (bytes: number) => {
      const [shard] = aPlacement('a').shards
      return { ...aPlacement('a'), shards: [{ ...shard!, weightBytes: bytes }] }
    }
    const loaded = await startLoaded()
    host.update(applyEvent(loaded, created('y', large(2 * GB))))
    expect(host.reports()[1]).toMatchObject({
      status: 'failed',
      code: 'not-enough-memory',
      message: expect.stringMatching(
        /^The part of org\/model .* needs 2\.0 GB\. Models may use 3\.0 GB here, of which other models/,
      ) as string,
    })
    host.update(applyEvent(loaded, created('z', large(1.9 * GB))))
    await until(() => expect(host.reports().find(({ instanceId }) => instanceId === 'z')).toMatchObject({ status: 'loading' }))
    expect(workers).toHaveLength(2)
  })

  it('starts its rank once every rank has a port', async () => {
    const waiting = state(created('x', aPlacement('a', 'b')))
    host.update(waiting)
    await until(() => expect(host.reports()[0]).toMatchObject({ status: 'connecting', port: 50_000 }))
    host.update(applyEvent(waiting, port(0)))
    expect(workers).toEqual([])
    host.update([port(0), port(1)].reduce(applyEvent, waiting))
    await until(() => expect(workers.map(({ label }) => label)).toEqual(['org/model rank 0']))
    expect(environments).toEqual([[50_000, 50_001]])
  })

  it('ends one epoch before it starts the next, and skips those in between', async () => {
    const loaded = await startLoaded()
    const replaced = (epoch: number): ClusterEvent => ({
      type: 'instance-replaced',
      instanceId: X,
      epoch,
      placement: aPlacement('a'),
      attempt: 1,
      reasons: [],
    })
    const second = applyEvent(loaded, replaced(2))
    host.update(second)
    host.update(applyEvent(second, replaced(3)))
    expect(workers[0]!.hasStopped).toBe(true)
    expect(workers).toHaveLength(1)
    await until(() => expect(workers).toHaveLength(2))
    expect(host.reports()).toMatchObject([{ epoch: 3 }])
  })

  it('ends what is placed here no more', async () => {
    const loaded = await startLoaded()
    host.update(applyEvent(loaded, { type: 'instance-deleted', instanceId: X, reason: '' }))
    expect(workers[0]!.hasStopped).toBe(true)
    await until(() => expect(host.reports()).toEqual([]))
    expect(host.ready(X)).toBeNull()
  })

  it('tells why a shard could not be loaded', async () => {
    prepare = () => Promise.reject(new AppError('disk-full', 'Make room.'))
    host.update(state(created('x', aPlacement('a'))))
    await until(() => expect(host.reports()).toMatchObject([{ status: 'failed', code: 'disk-full', message: 'Make room.' }]))
  })

  it('tells of a worker that died at once; in a group, a moment after the links could tell of its node', async () => {
    await startLoaded()
    workers[0]!.die()
    await until(() => expect(host.reports()).toMatchObject([{ status: 'failed', code: 'worker-died', message: 'It was killed.' }]))
    expect(host.ready(X)).toBeNull()
    expect(sleeps).toEqual([0])
  })

  it('gives the links time to tell which node of a group is gone', async () => {
    await startLoaded(aPlacement('a', 'b'))
    workers[0]!.die()
    await until(() => expect(host.reports()).toMatchObject([{ status: 'failed' }]))
    expect(sleeps[0]).toBeGreaterThan(0)
  })

  it('counts how often its rank 0 begins', async () => {
    await startLoaded(aPlacement('a', 'b'))
    expect(host.begun()).toEqual([])
    for (let count = 0; count < 2; count += 1) for (const listener of workers[0]!.stepListeners) listener()
    expect(begins).toEqual([1, 2])
    expect(host.begun()).toMatchObject([{ instance: { instanceId: 'x' }, begins: 2 }])
  })

  it('follows each beginning once: told twice, or lost and told with the next', async () => {
    await startLoaded(aPlacement('b', 'a'))
    const follow = (count: number, from = 'b', epoch = 1): number => {
      host.follow(NodeId.parse(from), X, epoch, count)
      return workers[0]!.follows
    }
    expect([follow(1), follow(1), follow(3), follow(2)]).toEqual([1, 1, 3, 3])
    expect([follow(4, 'c'), follow(4, 'b', 2)]).toEqual([3, 3])
    expect(host.begun()).toEqual([])
  })

  it('stops all its workers and starts no more', async () => {
    const loaded = await startLoaded()
    await host.stop()
    expect(workers[0]!.hasStopped).toBe(true)
    host.update([created('y', aPlacement('a')), ...becameReady('y', 1, 1)].reduce(applyEvent, loaded))
    expect(host.reports()).toEqual([])
  })
})
