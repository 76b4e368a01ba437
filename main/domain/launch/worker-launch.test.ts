import { describe, expect, it } from 'vitest'
import type { RdmaMatrix } from '../../shared/cluster-view.ts'
import { NodeId } from '../../shared/ids.ts'
import type { Placement } from '../../shared/placement.ts'
import { readJacclAsMlx, readRingAsMlx } from './__fixtures__/read-as-mlx.ts'
import { type LaunchOptions, workerLaunch } from './worker-launch.ts'

const placed = (worldSize: number, fields: Partial<Placement>): Placement => ({
  strategy: 'pipeline',
  backend: 'ring',
  jacclRing: false,
  contextTokens: 4096,
  shards: Array.from({ length: worldSize }, (_, rank) => ({
    nodeId: NodeId.parse(`node-${rank}`),
    rank,
    stage: worldSize - 1 - rank,
    layers: { start: 0, end: 1 },
    weightBytes: 1,
    kvBytes: 1,
  })),
  rdmaMatrix: null,
  addressMatrix: Array.from({ length: worldSize }, () => Array.from({ length: worldSize }, (_, to) => `10.0.0.${to + 1}`)),
  fallbacks: [],
  ...fields,
})
const options = (rank: number, changes: Partial<LaunchOptions> = {}): LaunchOptions => ({
  rank,
  portByRank: [50000, 50001, 50002, 50003, 50004, 50005, 50006, 50007, 50008],
  loopbackPorts: { listenPort: 41000, dialPort: 41001 },
  directory: '/data/launch/i-1',
  fastSynch: false,
  ...changes,
})
const everyRank = (placement: Placement) => placement.shards.map(({ rank }) => workerLaunch(placement, options(rank)))
const asFiles = (launch: ReturnType<typeof workerLaunch>): Map<string, string> =>
  new Map(launch.files.map(({ path, content }) => [path, content]))
const code = (expected: string): unknown => expect.objectContaining({ code: expected })

const mesh: RdmaMatrix = [
  [null, 'rdma_en5', 'rdma_en4', 'rdma_en3'],
  ['rdma_en5', null, 'rdma_en3', 'rdma_en4'],
  ['rdma_en4', 'rdma_en3', null, 'rdma_en5'],
  ['rdma_en3', 'rdma_en4', 'rdma_en5', null],
]
const ring: RdmaMatrix = [
  [null, 'rdma_en3', null, 'rdma_en4'],
  ['rdma_en4', null, 'rdma_en3', null],
  [null, 'rdma_en4', null, 'rdma_en3'],
  ['rdma_en3', null, 'rdma_en4', null],
]

describe('workerLaunch, JACCL mesh', () => {
  const placement = placed(4, {
    backend: 'jaccl',
    rdmaMatrix: mesh,
    addressMatrix: [0, 1, 2, 3].map((rank) => [rank === 0 ? null : '10.0.0.1', null, null, null]),
  })
  const content =
    '[[null,"rdma_en5","rdma_en4","rdma_en3"],["rdma_en5",null,"rdma_en3","rdma_en4"],["rdma_en4",' +
    '"rdma_en3",null,"rdma_en5"],["rdma_en3","rdma_en4","rdma_en5",null]]'

  it.each([0, 1, 2, 3])('gives rank %i exactly this', (rank) =>
    expect(workerLaunch(placement, options(rank))).toEqual({
      files: [{ path: '/data/launch/i-1/devices.json', content }],
      variables: {
        MLX_IBV_DEVICES: '/data/launch/i-1/devices.json',
        MLX_RANK: String(rank),
        MLX_JACCL_COORDINATOR: '10.0.0.1:50000',
        MLX_IBV_COORDINATOR: '10.0.0.1:50000',
      },
    }),
  )
  it('is a mesh to MLX', () =>
    expect(everyRank(placement).map((launch) => readJacclAsMlx(launch.variables, asFiles(launch)))).toEqual(
      mesh.map((row, rank) => ({
        kind: 'jaccl-mesh',
        rank,
        size: 4,
        coordinator: { host: '10.0.0.1', port: '50000' },
        devices: row.map((cell) => cell ?? ''),
      })),
    ))
  it('uses the first of two cables', () => {
    const twice = placed(2, {
      backend: 'jaccl',
      rdmaMatrix: [
        [null, ['rdma_en3', 'rdma_en4']],
        [['rdma_en5', 'rdma_en6'], null],
      ],
    })
    expect(everyRank(twice).map((launch) => readJacclAsMlx(launch.variables, asFiles(launch)))).toMatchObject([
      { devices: ['', 'rdma_en3'] },
      { devices: ['rdma_en5', ''] },
    ])
  })
  it('B1: lets rank 0 listen on one address only', () => {
    const three = (...toRankZero: string[]): Placement =>
      placed(3, {
        backend: 'jaccl',
        rdmaMatrix: mesh.slice(0, 3).map((row) => row.slice(0, 3)),
        addressMatrix: [[null, null, null], ...toRankZero.map((address) => [address, null, null])],
      })
    expect(everyRank(three('10.0.0.1', '10.0.0.1')).map(({ variables }) => variables['MLX_JACCL_COORDINATOR'])).toEqual(
      Array.from({ length: 3 }, () => '10.0.0.1:50000'),
    )
    for (const rank of [0, 1, 2]) {
      expect(() => workerLaunch(three('10.0.0.1', '192.168.7.1'), options(rank))).toThrow(code('launch-address-divided'))
      for (const wrong of ['0.0.0.0', 'fd00::1', 'fe80::1%en0'])
        expect(() => workerLaunch(three(wrong, wrong), options(rank))).toThrow(code('launch-address-not-ipv4'))
    }
  })
  it('refuses what MLX would refuse', () => {
    const launch = (rdmaMatrix: RdmaMatrix | null, worldSize = rdmaMatrix?.length ?? 4): void =>
      void workerLaunch(placed(worldSize, { backend: 'jaccl', rdmaMatrix }), options(0))
    const nine = Array.from({ length: 9 }, (_, rank) => Array.from({ length: 9 }, (_, other) => (rank === other ? null : 'rdma_en2')))
    expect(() => launch(null)).toThrow(code('launch-devices-invalid'))
    expect(() => launch(ring)).toThrow('rank 0 has no device connected to rank 2')
    expect(() => launch(mesh, 3)).toThrow('not 3 x 3')
    expect(() => launch(nine)).toThrow('up to 8 ranks')
    expect(() =>
      launch([
        ['rdma_en2', 'rdma_en3'],
        ['rdma_en2', null],
      ]),
    ).toThrow('is connected to itself')
  })
})

describe('workerLaunch, JACCL ring', () => {
  const placement = placed(4, { backend: 'jaccl', jacclRing: true, rdmaMatrix: ring })

  it('is told by its own variable', () =>
    expect(workerLaunch(placement, options(2))).toEqual({
      files: [
        {
          path: '/data/launch/i-1/devices.json',
          content:
            '[[null,"rdma_en3",null,"rdma_en4"],["rdma_en4",null,"rdma_en3",null],[null,"rdma_en4",null,' +
            '"rdma_en3"],["rdma_en3",null,"rdma_en4",null]]',
        },
      ],
      variables: {
        MLX_IBV_DEVICES: '/data/launch/i-1/devices.json',
        MLX_RANK: '2',
        MLX_JACCL_COORDINATOR: '10.0.0.1:50000',
        MLX_IBV_COORDINATOR: '10.0.0.1:50000',
        MLX_JACCL_RING: '1',
      },
    }))
  it('is a ring to MLX', () =>
    expect(everyRank(placement).map((launch) => readJacclAsMlx(launch.variables, asFiles(launch)))).toEqual(
      [0, 1, 2, 3].map((rank) => ({
        kind: 'jaccl-ring',
        rank,
        size: 4,
        coordinator: { host: '10.0.0.1', port: '50000' },
        left: ['rdma_en4'],
        right: ['rdma_en3'],
      })),
    ))
  it('refuses uneven and too many cables', () => {
    const launch = (cell: string[]): void =>
      void workerLaunch(
        placed(4, {
          backend: 'jaccl',
          jacclRing: true,
          rdmaMatrix: ring.map((row, rank) => row.map((old, other) => (rank === 0 && other === 1 ? cell : old))),
        }),
        options(0),
      )
    expect(() => launch(['rdma_en3', 'rdma_en9'])).toThrow('the same number of cables')
    const five = ['a', 'b', 'c', 'd', 'e']
    expect(() =>
      workerLaunch(
        placed(2, {
          backend: 'jaccl',
          jacclRing: true,
          rdmaMatrix: [
            [null, five],
            [five, null],
          ],
        }),
        options(0),
      ),
    ).toThrow('up to 4 cables')
  })
})

describe('workerLaunch, TCP ring', () => {
  it('B1: makes MLX listen and connect on loopback only, for any addresses of the ranks', () =>
    expect(everyRank(placed(4, {}))).toEqual(
      [
        '[["127.0.0.1:41000"],["127.0.0.1:41001"],["192.0.2.1:9"],["192.0.2.1:9"]]',
        '[["192.0.2.1:9"],["127.0.0.1:41000"],["127.0.0.1:41001"],["192.0.2.1:9"]]',
        '[["192.0.2.1:9"],["192.0.2.1:9"],["127.0.0.1:41000"],["127.0.0.1:41001"]]',
        '[["127.0.0.1:41001"],["192.0.2.1:9"],["192.0.2.1:9"],["127.0.0.1:41000"]]',
      ].map((content, rank) => ({
        files: [{ path: '/data/launch/i-1/hostfile.json', content }],
        variables: { MLX_HOSTFILE: '/data/launch/i-1/hostfile.json', MLX_RANK: String(rank) },
      })),
    ))
  it('is a ring to MLX', () => {
    const rings = everyRank(placed(2, {})).map((launch) => readRingAsMlx(launch.variables, asFiles(launch)))
    const here = { listensOn: [{ host: '127.0.0.1', port: '41000' }], connectsTo: [{ host: '127.0.0.1', port: '41001' }] }
    expect(rings).toEqual([
      { rank: 0, size: 2, ...here },
      { rank: 1, size: 2, ...here },
    ])
  })
  it('says what is missing', () =>
    expect(() => workerLaunch(placed(2, {}), options(0, { loopbackPorts: null }))).toThrow(code('launch-port-missing')))
})

describe('workerLaunch, both', () => {
  it('needs nothing for a node alone', () =>
    expect(workerLaunch(placed(1, { backend: 'local' }), options(0))).toEqual({ files: [], variables: {} }))
  it('sets MLX_METAL_FAST_SYNCH only for a user who set it', () => {
    const backends = [placed(1, { backend: 'local' }), placed(4, {}), placed(4, { backend: 'jaccl', rdmaMatrix: mesh })]
    const values = (fastSynch: boolean): unknown[] =>
      backends.map((placement) => workerLaunch(placement, options(0, { fastSynch })).variables['MLX_METAL_FAST_SYNCH'])
    expect([values(false), values(true)]).toEqual([
      [undefined, undefined, undefined],
      ['1', '1', '1'],
    ])
  })
})
