import { describe, expect, it } from 'vitest'
import type { MacLayout } from '../domain/mac/__fixtures__/mac-layouts.ts'
import type { InstanceView, LinkView } from '../shared/cluster-view.ts'
import { ModelId } from '../shared/ids.ts'
import { clusterOf, doctorHardware, healthyCluster, healthyFacts, nodeIdOf } from './__fixtures__/doctor-facts.ts'
import type { Check } from './check.ts'
import { diagnose } from './diagnose.ts'
import type { DoctorFacts } from './doctor-facts.ts'
import { formatDoctorReport } from './format-doctor-report.ts'

const GIB = 2 ** 30
const bad = (facts: DoctorFacts): Check[] => diagnose(facts).filter(({ state }) => state !== 'ok')
/** The states and findings of one check. */
const of = (id: string, facts: DoctorFacts): string[] =>
  diagnose(facts)
    .filter((check) => check.id === id)
    .map(({ state, finding }) => `${state}: ${finding}`)
const cureOf = (id: string, facts: DoctorFacts): string | null | undefined =>
  diagnose(facts).find((check) => check.id === id && check.state !== 'ok')?.fix

const instance = (fields: Partial<InstanceView>): Record<string, InstanceView> => ({
  i: {
    modelId: ModelId.parse('org/model'),
    strategy: 'pipeline',
    backend: 'ring',
    epoch: 0,
    status: 'ready',
    shards: [1, 2].map((number) => ({
      nodeId: nodeIdOf(number),
      rank: number - 1,
      stage: 2 - number,
      layers: { start: 0, end: 1 },
      weightBytes: 600 * GIB,
      residentBytes: 0,
      status: 'ready',
    })),
    rdmaMatrix: null,
    decodeTokensPerSecond: null,
    prefillTokensPerSecond: null,
    ...fields,
  },
})
const withCluster = (layout: MacLayout, fields: Parameters<typeof clusterOf>[1]): DoctorFacts =>
  healthyCluster(layout, { cluster: clusterOf(doctorHardware(layout), fields) })

describe('diagnose', () => {
  it('finds nothing wrong with a Mac alone, nor with a full mesh', () => {
    expect(bad(healthyFacts('one Mac'))).toEqual([])
    expect(bad(healthyCluster('four Macs, full mesh'))).toEqual([])
  })
  it('finds nothing wrong with Linux', () => {
    const self = {
      ...healthyFacts('one Mac').self!,
      platform: 'linux',
      osVersion: '6.1.0',
      rdma: 'absent' as const,
      thunderboltPorts: [],
      bridge: null,
    }
    expect(bad(healthyFacts('one Mac', { self, firewall: null }))).toEqual([])
  })
  it('names what could not be looked at', () =>
    expect(bad(healthyFacts('one Mac', { missing: [{ source: 'multicast', reason: 'no answer within 40 s' }] }))).toMatchObject([
      { id: 'looked-at', title: 'Data read', state: 'unknown', finding: 'multicast: no answer within 40 s', fix: null },
    ]))
})

describe('Thunderbolt', () => {
  it('D13 asks for Thunderbolt 5 where a cable of Thunderbolt 4 is in, and not for Recovery', () => {
    const facts = healthyCluster('two Macs, Thunderbolt 4')
    expect(bad(facts).some(({ id, fix }) => id === 'thunderbolt-ports' && fix?.includes('Thunderbolt 5'))).toBe(true)
    expect(bad(facts).filter(({ fix }) => fix?.includes('rdma_ctl enable'))).toEqual([])
  })
  it.each<[MacLayout, string, string]>([
    [
      'four Macs, full mesh, RDMA off on one',
      'rdma',
      'problem: rdma-disabled on studio-3 (rdma_ctl enable, in Recovery), with a Thunderbolt cable to another Mac',
    ],
    ['four Macs, full mesh, one on macOS 26.1', 'macos-version', 'problem: macOS 26.1 < 26.2 on studio-2: no RDMA over Thunderbolt'],
    [
      'four Macs, full mesh, bridge on one',
      'thunderbolt-bridge',
      'problem: Thunderbolt bridge active on studio-4 (bridge0) over en3, en4, en5: RDMA needs each port on its own network',
    ],
    ['two Macs, a dead port', 'thunderbolt-ports', 'problem: Thunderbolt 2 (en3) on studio-2: rdma_en3 is down'],
    [
      'two Macs, the socket next to Ethernet',
      'thunderbolt-ports',
      'problem: Thunderbolt 1 (en2) on studio-1 does not support RDMA: it is the port next to Ethernet',
    ],
    ['two Macs, Thunderbolt 4', 'thunderbolt-ports', 'warning: Thunderbolt 2 (en3) on studio-1 runs at 40 Gb/s'],
  ])('%s', (layout, id, finding) => expect(of(id, healthyCluster(layout))).toContain(finding))

  it('tells how to come to Recovery', () =>
    expect(cureOf('rdma', healthyCluster('four Macs, full mesh, RDMA off on one'))).toMatch(/power button.*rdma_ctl enable/))
  it('is not concerned with RDMA off where no cable is', () => {
    const facts = healthyFacts('one Mac')
    expect(bad({ ...facts, self: { ...facts.self!, rdma: 'disabled', osVersion: '26.1' } })).toEqual([])
  })
  it('D03 misses the IPv4 address that MLX needs on a live port', () => {
    const facts = healthyFacts('two Macs')
    const self = {
      ...facts.self!,
      interfaces: facts.self!.interfaces.map((own) => (own.name === 'en3' ? { ...own, addresses: ['fe80::3'] } : own)),
    }
    expect(bad({ ...facts, self })).toMatchObject([
      { id: 'thunderbolt-addresses', state: 'problem', finding: 'en3 on studio-1 has no IPv4 address, without which JACCL cannot start' },
    ])
  })
  it('counts the pairs that lack a cable', () =>
    expect(of('rdma-links', healthyCluster('four Macs, ring'))).toEqual([
      'warning: 4 of 6 pairs of Macs have RDMA: no cable between studio-1 and studio-3; no cable between studio-2 and studio-4',
    ]))
})

describe('B1: what is encrypted between the nodes', () => {
  const [from, to] = [nodeIdOf(1), nodeIdOf(2)]
  const path = (fields: Partial<LinkView>): LinkView => ({
    from,
    to,
    kind: 'tcp',
    address: '10.0.0.2',
    medium: 'ethernet',
    sealed: true,
    roundTripMs: 1,
    ...fields,
  })
  const found = (...links: LinkView[]): string[] => of('sealed-paths', withCluster('two Macs', { links }))

  it('says that RDMA is trusted by its cable', () =>
    expect(found({ from, to, kind: 'rdma', device: 'rdma_en2', roundTripMs: null })).toEqual([
      'ok: RDMA is not encrypted; exo trusts the direct cable, and the network over which its two ends find each other',
    ]))
  it('counts the paths, and finds nothing wrong with a cable or loopback', () =>
    expect(
      found(
        path({}),
        path({ address: '169.254.1.2', medium: 'thunderbolt', sealed: false }),
        path({ address: '127.0.0.1', medium: 'unknown', sealed: false }),
      ),
    ).toEqual(['ok: 1 of 3 paths between shards are encrypted; 2 over loopback or a direct Thunderbolt cable are not']))
  it('warns of a network on which all can read', () => {
    expect(found(path({ sealed: false }), path({ address: '10.0.0.3' }))).toEqual([
      'warning: anyone listening on the network can read prompts and answers over 10.0.0.2',
    ])
    expect(cureOf('sealed-paths', withCluster('two Macs', { links: [path({ sealed: false })] }))).toContain('--seal-ring')
  })
  it('says nothing where nothing is known', () => expect(found(path({ sealed: undefined }))).toEqual([]))
})

describe('network and cluster', () => {
  it('D12: tells a machine without peers what to try', () => {
    const alone = healthyFacts('one Mac', { discoveredPeers: 0 })
    expect(of('peers', alone)).toEqual(['warning: no other machines found'])
    expect(cureOf('peers', alone)).toMatch(/firewall.*Local Network.*subnet.*--peer/)
  })
  it('D10: sees the permission that macOS withholds', () => {
    const facts = healthyFacts('one Mac', { multicast: [{ interfaceName: 'en0', errorCode: 'EHOSTUNREACH' }] })
    expect(of('multicast', facts)).toEqual(['problem: exo has no permission to use the local network (en0: EHOSTUNREACH)'])
    expect(cureOf('multicast', facts)).toMatch(/Local Network/)
  })
  it('sees blocked multicast, a closed firewall and other subnets', () => {
    const hardwareByNode = new Map(
      [...doctorHardware('two Macs')].map(([nodeId, own]) => [
        nodeId,
        nodeId === nodeIdOf(2) ? { ...own, interfaces: [{ name: 'en0', kind: 'ethernet' as const, addresses: ['192.168.9.4'] }] } : own,
      ]),
    )
    const facts = healthyCluster('two Macs', {
      hardwareByNode,
      firewall: 'blocks-all',
      multicast: [
        { interfaceName: 'en0', errorCode: 'EPERM' },
        { interfaceName: 'en1', errorCode: null },
      ],
    })
    expect([...of('multicast', facts), ...of('firewall', facts), ...of('subnets', facts)]).toEqual([
      'warning: cannot be sent (en0: EPERM)',
      'problem: blocks all incoming connections, including those of peers',
      'warning: studio-2 not on a subnet of this machine',
    ])
  })
  it('F3: names a machine with the same identity, and the one command that helps', () => {
    const clone = { name: 'host2', address: '10.77.0.2:9000', isClone: true }
    const teller = { name: 'host3', address: '10.77.0.3:9000', isClone: false }
    const facts = healthyCluster('two Macs')
    expect(of('identity', facts)).toEqual([])
    expect(of('identity', { ...facts, sameIdentity: [teller, clone] })).toEqual([
      'problem: another machine, host2 at 10.77.0.2, has the same identity',
    ])
    expect(of('identity', { ...facts, sameIdentity: [teller] })).toEqual([
      'problem: another machine has the same identity: host3 is linked to it and refuses this machine',
    ])
    expect(diagnose({ ...facts, sameIdentity: [clone] }).find(({ id }) => id === 'identity')?.fix).toContain('exo identity new')
  })

  it('sees other versions, clocks that differ, and a missing leader', () => {
    const cluster = clusterOf(doctorHardware('two Macs'))
    const facts = healthyCluster('two Macs', {
      version: '0.2.0',
      cluster: { ...cluster, leader: null },
      clockSkewMs: new Map([[nodeIdOf(2), -61_000]]),
    })
    expect([...of('versions', facts), ...of('clock', facts), ...of('leader', facts)]).toEqual([
      'problem: this is exo 0.2.0, but studio-1 runs 0.1.0, studio-2 runs 0.1.0',
      'problem: studio-2 is 61.0 s behind',
      'problem: none elected: models cannot be loaded',
    ])
  })
})

describe('models', () => {
  it('says what would fit when memory is short', () => {
    const facts = withCluster('two Macs', { instances: instance({ status: 'failed', reasons: ['out of memory on studio-2'] }) })
    expect(of('models-loaded', facts)).toEqual([
      'problem: org/model failed: out of memory on studio-2 (its weights need 1.3 TB; all nodes together have 990 GB free)',
    ])
    expect(cureOf('models-loaded', facts)).toMatch(/up to 792 GB .*short context, or add machines/)
  })
  it('warns of memory that runs out', () => {
    const facts = healthyFacts('one Mac')
    expect(of('memory', { ...facts, self: { ...facts.self!, availableBytes: 10 } })).toEqual(['warning: 10 B of 550 GB free on studio-1'])
  })
  it('sees TCP where RDMA is possible, and only there', () => {
    expect(of('transport', withCluster('two Macs', { instances: instance({ reasons: ['JACCL failed: No IPv4-mapped GID'] }) }))).toEqual([
      'warning: org/model runs over TCP although RDMA is possible: JACCL failed: No IPv4-mapped GID',
    ])
    expect(of('transport', withCluster('two Macs, a dead port', { instances: instance({}) }))).toEqual(['ok: org/model runs over TCP'])
    expect(of('transport', withCluster('two Macs', { instances: instance({ backend: 'jaccl' }) }))).toEqual([
      'ok: org/model runs over RDMA',
    ])
  })
  it('sees Wi-Fi in use where a cable is', () => {
    const hardwareByNode = new Map(
      [...doctorHardware('two Macs')].map(([nodeId, own], index) => [
        nodeId,
        {
          ...own,
          interfaces: own.interfaces.map((entry) => (entry.kind === 'wifi' ? { ...entry, addresses: [`10.1.0.${index + 1}`] } : entry)),
        },
      ]),
    )
    const link = (address: string, roundTripMs: number): LinkView => ({
      from: nodeIdOf(1),
      to: nodeIdOf(2),
      kind: 'tcp',
      address,
      roundTripMs,
    })
    const seen = (links: LinkView[]): string[] =>
      of('wifi', healthyCluster('two Macs', { hardwareByNode, cluster: clusterOf(hardwareByNode, { links }) }))
    expect(seen([link('10.1.0.2', 3), link('10.0.0.2', 9)])).toEqual([
      'warning: studio-1 and studio-2 use Wi-Fi although they have a Thunderbolt cable',
    ])
    expect(seen([link('10.1.0.2', 3), link('10.0.0.2', 0.3)])).toEqual([])
  })
  it('tells damaged, gated and unfinished models apart', () => {
    const problem = (code: string): string | null | undefined =>
      cureOf('model-files', healthyFacts('one Mac', { storedModels: [{ modelId: 'org/m', problem: { code, message: 'bad' } }] }))
    expect(problem('model-damaged')).toBe('run exo models rm org/m, then exo models pull org/m')
    expect(problem('hub-gated')).toMatch(/^request access at https:\/\/huggingface.co\/org\/m, then set HF_TOKEN/)
    expect(problem('no-space')).toMatch(/^free disk space/)
  })
  it('watches the disk', () => {
    const disk = (freeBytes: number): string =>
      of('disk-space', healthyFacts('one Mac', { modelDisk: { path: '/m', freeBytes, totalBytes: 1e12 } })).join()
    expect([disk(5e8), disk(5e9), disk(5e10)].map((line) => line.split(':')[0])).toEqual(['problem', 'warning', 'ok'])
  })
})

describe('files and ports', () => {
  it('sees a key that others may read, a folder that cannot be written, and a port that is taken', () => {
    const facts = healthyFacts('one Mac', {
      identityFile: { path: '/d/identity.pem', mode: 0o100644 },
      dataDir: { path: '/d', isWritable: false },
      ports: [
        { name: 'api', port: 8080, use: 'taken' },
        { name: 'peer', port: 80, use: 'forbidden' },
      ],
    })
    expect(bad(facts).map(({ id, finding, fix }) => [id, finding, fix])).toEqual([
      ['data-folder', '/d cannot be written', 'change its owner or mode (chown, chmod), or use --data-dir'],
      [
        'identity-file',
        'other users can read /d/identity.pem (mode 644), which proves the identity of this node',
        'chmod 600 /d/identity.pem',
      ],
      ['api-port', '8080 is in use by another program', 'quit that program (find it with lsof -i :8080), or use --port with another port'],
      ['peer-port', 'this user may not open port 80', 'use --peer-port with a port above 1023'],
    ])
  })
})

describe('formatDoctorReport', () => {
  it('is one line per check, and their sum', () =>
    expect(
      formatDoctorReport([
        { id: 'a', title: 'Disk', state: 'ok', finding: 'room', fix: null },
        { id: 'b', title: 'Firewall', state: 'problem', finding: 'closed', fix: 'open it' },
      ]),
    ).toBe('ok       Disk      room\nproblem  Firewall  closed → open it\n1 ok, 1 problem'))
})

describe('F7: paths that lose large packets', () => {
  it('are named with what to do', () => {
    const facts = healthyCluster('two Macs')
    const narrow = { ...facts, cluster: { ...facts.cluster!, narrowPaths: [{ from: nodeIdOf(1), to: nodeIdOf(2), address: '10.0.0.2' }] } }
    expect(of('narrow-paths', facts)).toEqual([])
    expect(of('narrow-paths', narrow)).toEqual([
      'warning: lost from studio-1 to studio-2 at 10.0.0.2: exo does not split models over this path',
    ])
    expect(cureOf('narrow-paths', narrow)).toContain('MTU')
  })
})
