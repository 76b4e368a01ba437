import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HardwareFacts } from '../../shared/hardware.ts'
import { macLayouts } from './__fixtures__/mac-layouts.ts'
import { uuidOf } from './__fixtures__/record-macs.ts'
import { parseRecordedHardware, RecordedHardware, recordedHardwareFacts } from './recorded-hardware.ts'

const factsOf = (recorded: unknown): HardwareFacts => recordedHardwareFacts(RecordedHardware.parse(recorded))
const [meshed] = macLayouts['four Macs, full mesh']
const port = (receptacle: number, peerDomainUuids: string[], portState: string): object => ({
  receptacle: String(receptacle),
  deviceName: `en${receptacle + 1}`,
  rdmaDevice: `rdma_en${receptacle + 1}`,
  domainUuid: uuidOf(0, receptacle),
  peerDomainUuids,
  gigabitsPerSecond: 80,
  portState,
})

describe('recordedHardwareFacts', () => {
  it('joins all outputs of a Mac in a mesh', () => {
    const facts = factsOf(meshed)
    expect({ ...facts, interfaces: facts.interfaces.slice(0, 4) }).toEqual({
      name: 'studio-1',
      platform: 'darwin',
      chip: 'Apple M3 Ultra',
      model: 'Mac Studio',
      osVersion: '26.2',
      cores: null,
      totalBytes: 512 * 2 ** 30,
      availableBytes: Math.floor(512 * 2 ** 30 * 0.9),
      interfaces: [
        { name: 'en0', kind: 'ethernet', addresses: ['10.0.0.1', 'fe80::1'] },
        { name: 'en1', kind: 'wifi', addresses: [] },
        { name: 'en2', kind: 'thunderbolt', addresses: [] },
        { name: 'en3', kind: 'thunderbolt', addresses: ['169.254.12.1'] },
      ],
      thunderboltPorts: [
        port(1, [], 'down'),
        port(2, [uuidOf(1, 2)], 'active'),
        port(3, [uuidOf(2, 2)], 'active'),
        port(4, [uuidOf(3, 2)], 'active'),
        port(5, [], 'down'),
        port(6, [], 'down'),
      ],
      rdma: 'enabled',
      bridge: null,
      missing: [],
    })
  })
  it('finds the bridge that is on', () => {
    const facts = factsOf(macLayouts['four Macs, full mesh, bridge on one'][3])
    expect(facts.bridge).toEqual({ name: 'bridge0', isActive: true, members: ['en2', 'en3', 'en4', 'en5', 'en6', 'en7'] })
  })
  it('calls a bridge inactive that is down, disabled or empty', () => {
    const recorded = RecordedHardware.parse(macLayouts['four Macs, full mesh, bridge on one'][3])
    const isActive = (changes: object): unknown => factsOf({ ...recorded, ...changes }).bridge?.isActive
    expect(isActive({ ifconfig: recorded.ifconfig?.replace('bridge0: flags=8863<UP,', 'bridge0: flags=8822<') })).toBe(false)
    expect(isActive({ serviceOrder: recorded.serviceOrder?.replace('(2) Thunderbolt Bridge', '(*) Thunderbolt Bridge') })).toBe(false)
    expect(isActive({ ifconfig: 'bridge0: flags=8863<UP> mtu 1500\n\tstatus: active\n' })).toBe(false)
    expect(isActive({ serviceOrder: null })).toBe(true)
  })
  it('skips only the socket that has no network device', () => {
    const facts = factsOf({
      ...meshed,
      hardwarePorts: meshed?.hardwarePorts?.replace('Hardware Port: Thunderbolt 3\n', 'Hardware Port: Thunderbolt 33\n'),
    })
    expect(facts.thunderboltPorts.map(({ rdmaDevice }) => rdmaDevice)).toEqual([
      'rdma_en2',
      'rdma_en3',
      null,
      'rdma_en5',
      'rdma_en6',
      'rdma_en7',
    ])
    expect(facts.missing).toEqual([])
  })
  it('takes an older macOS without RDMA commands as it is', () =>
    expect(factsOf(macLayouts['four Macs, full mesh, one on macOS 26.1'][1])).toMatchObject({ rdma: 'absent', missing: [] }))
  it('loses with each output only what it would have told', () => {
    const without = (field: string): HardwareFacts => factsOf({ ...meshed, [field]: null })
    expect(without('ibvDevinfo')).toMatchObject({ rdma: 'enabled', missing: [{ source: 'ibv_devinfo', reason: 'not in the recording' }] })
    expect(without('ibvDevinfo').thunderboltPorts.map(({ portState }) => portState)).toEqual(Array(6).fill('unknown'))
    expect(without('rdmaCtl').rdma).toBe('unknown')
    expect(without('systemProfiler')).toMatchObject({ thunderboltPorts: [], model: null, rdma: 'enabled' })
    expect(factsOf({ ...meshed, rdmaCtl: 'a new word' })).toMatchObject({
      rdma: 'unknown',
      missing: [{ source: 'rdma_ctl status', reason: 'printed something that this version of exo cannot read' }],
    })
  })
  it('never throws, for any output', () => {
    const cut = fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 400 }), fc.string({ unit: 'binary', maxLength: 40 }))
    const fields = ['systemProfiler', 'hardwarePorts', 'serviceOrder', 'ifconfig', 'rdmaCtl', 'ibvDevices', 'ibvDevinfo'] as const
    const recorded = RecordedHardware.parse(macLayouts['four Macs, full mesh, bridge on one'][3])
    const original = (field: (typeof fields)[number]): string =>
      field === 'systemProfiler' ? JSON.stringify(recorded.systemProfiler) : (recorded[field] ?? '')
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...fields), cut), { minLength: 1, maxLength: 7 }), (mutations) => {
        const mutated = mutations.map(([field, [start, length, inserted]]) => {
          const text = original(field)
          const at = start % (text.length + 1)
          return [field, text.slice(0, at) + inserted + text.slice(at + length)]
        })
        return HardwareFacts.safeParse(factsOf({ ...recorded, ...Object.fromEntries(mutated) })).success
      }),
      { numRuns: 500 },
    )
  })
  it('never throws on a report of another shape', () => {
    const report = fc.letrec((tie) => ({
      item: fc.record(
        {
          domain_uuid_key: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
          device_name_key: fc.jsonValue(),
          receptacle_1_tag: fc.oneof(
            fc.jsonValue(),
            fc.record({
              receptacle_id_key: fc.constantFrom('1', '2', 3),
              current_speed_key: fc.oneof(fc.string(), fc.constant('Up to 80 Gb/s')),
            }),
          ),
          _items: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), fc.array(tie('item'), { maxLength: 3 })),
        },
        { requiredKeys: [] },
      ),
    })).item
    fc.assert(
      fc.property(
        fc.array(report),
        (entries) => HardwareFacts.safeParse(factsOf({ ...meshed, systemProfiler: { SPThunderboltDataType: entries } })).success,
      ),
    )
  })
})

describe('parseRecordedHardware', () => {
  it('reads a file', () => expect(parseRecordedHardware(JSON.stringify(meshed), 'studio.json')).toEqual(meshed))
  it('takes the report as text', () =>
    expect(factsOf({ ...meshed, systemProfiler: JSON.stringify(meshed?.systemProfiler) })).toEqual(factsOf(meshed)))
  it('names what is unknown, missing and wrong', () => {
    const read = (fields: object): void => void parseRecordedHardware(JSON.stringify(fields), 'studio.json')
    expect(() => read({ name: 'x', totalBytes: '64GB', ibvDevInfo: '' })).toThrow(
      expect.objectContaining({
        code: 'hardware-file-invalid',
        message: expect.stringMatching(
          /^studio\.json: `totalBytes`: .*; unknown field `ibvDevInfo`\. The fields are name, chip, .*ibvDevinfo\.$/,
        ),
      }),
    )
    expect(() => read({ totalBytes: 1 })).toThrow(/`name`: /)
    expect(() => parseRecordedHardware('name: x', 'studio.json')).toThrow(
      expect.objectContaining({ code: 'hardware-file-invalid', message: expect.stringContaining('studio.json is not JSON') }),
    )
  })
})
