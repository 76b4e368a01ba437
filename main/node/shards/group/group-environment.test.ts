import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { after, aPlacement, created, joined } from '../../../domain/cluster/__fixtures__/builders.ts'
import { hashedName } from '../../../platform/files/hashed-name.ts'
import { InstanceId } from '../../../shared/ids.ts'
import type { Placement } from '../../../shared/placement.ts'
import type { ClusterEvent } from '../../../shared/wire/peer/cluster-event.ts'
import { clearGroups, groupEnvironment } from './group-environment.ts'
import type { ShardAssignment } from './shard-assignment.ts'

let dataDir: string
beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-groups-'))))
afterAll(() => rm(dataDir, { recursive: true }))

const id = InstanceId.parse('instance-1')
const mesh: Placement = {
  ...aPlacement('a', 'b'),
  backend: 'jaccl',
  rdmaMatrix: [
    [null, 'rdma_en3'],
    ['rdma_en5', null],
  ],
  addressMatrix: [
    [null, null],
    ['10.0.0.1', null],
  ],
}
const overTcp: Placement = {
  ...aPlacement('a', 'b'),
  addressMatrix: [
    [null, '10.0.0.2'],
    ['10.0.0.1', null],
  ],
}
const ports = { listenPort: 41_000, dialPort: 41_001 }
const listening = (epoch: number): ClusterEvent[] =>
  [0, 1].map((rank) => ({
    type: 'shard-status',
    instanceId: id,
    epoch,
    rank,
    status: 'connecting',
    port: 50_000 + rank,
    residentBytes: 0,
    code: null,
    message: null,
  }))

function assignment(rank: number, placement: Placement, epoch = 1): ShardAssignment {
  const replaced: ClusterEvent[] =
    epoch === 1 ? [] : [{ type: 'instance-replaced', instanceId: id, epoch, placement, attempt: 1, reasons: [] }]
  const instance = after(...joined('a', 'b'), created(id, placement), ...replaced, ...listening(epoch)).instances[id]!
  return { instance, shard: instance.placement.shards[rank]! }
}

describe('groupEnvironment', () => {
  it('gives a rank of a JACCL group the matrix in a file, its rank and where rank 0 listens', async () => {
    const path = join(dataDir, 'groups', hashedName(id), '1-1', 'devices.json')
    expect(await groupEnvironment(assignment(1, mesh), dataDir, null)).toEqual({
      MLX_IBV_DEVICES: path,
      MLX_RANK: '1',
      MLX_JACCL_COORDINATOR: '10.0.0.1:50000',
      MLX_IBV_COORDINATOR: '10.0.0.1:50000',
    })
    expect(await readFile(path, 'utf8')).toBe('[[null,"rdma_en3"],["rdma_en5",null]]')
  })
  it('leaves nothing of an earlier epoch, nor of a node that ran before', async () => {
    const { MLX_HOSTFILE: path = '' } = await groupEnvironment(assignment(0, overTcp, 2), dataDir, ports)
    expect(await readFile(path, 'utf8')).toBe('[["127.0.0.1:41000"],["127.0.0.1:41001"]]')
    expect(await readdir(join(dataDir, 'groups', hashedName(id)))).toEqual(['2-0'])
    await clearGroups(dataDir)
    expect(await readdir(dataDir)).toEqual([])
  })
  it('writes nothing for a node alone', async () => {
    expect(
      await groupEnvironment(
        { ...assignment(0, aPlacement('a', 'b')), instance: after(...joined('a'), created(id, aPlacement('a'))).instances[id]! },
        dataDir,
        null,
      ),
    ).toEqual({})
    expect(await readdir(dataDir)).toEqual([])
  })
  it.each(['../victim', '../../victim', '/victim', 'a/../../victim', '..', '.'])(
    'A1: deletes and writes nothing outside its own folder for an instance called %j',
    async (name) => {
      await mkdir(join(dataDir, 'victim'))
      await writeFile(join(dataDir, 'victim', 'letter.txt'), 'mine')
      const { instance, shard } = assignment(0, overTcp)
      const { MLX_HOSTFILE: path = '' } = await groupEnvironment(
        { instance: { ...instance, instanceId: name as InstanceId }, shard },
        dataDir,
        ports,
      )
      expect(path.startsWith(join(dataDir, 'groups') + sep)).toBe(true)
      expect(await readFile(join(dataDir, 'victim', 'letter.txt'), 'utf8')).toBe('mine')
      await clearGroups(dataDir)
      expect(await readdir(dataDir)).toEqual(['victim'])
      await rm(join(dataDir, 'victim'), { recursive: true })
    },
  )
})
