import { describe, expect, it } from 'vitest'
import { kindOfHardwarePort, kindOfLinuxInterface } from './interface-kind.ts'
import { parseHardwarePorts } from './parse-hardware-ports.ts'
import { parseIbvDevices } from './parse-ibv-devices.ts'
import { parseIbvDevinfo } from './parse-ibv-devinfo.ts'
import { parseIfconfig } from './parse-ifconfig.ts'
import { parseSwVers, parseSysctl, parseVmStat } from './parse-mac-memory.ts'
import { parseRdmaCtl } from './parse-rdma-ctl.ts'
import { parseServiceOrder } from './parse-service-order.ts'
import { parseSystemProfiler } from './parse-system-profiler.ts'

const bus = (fields: object): unknown => ({
  SPThunderboltDataType: [{ domain_uuid_key: 'U1', receptacle_1_tag: { receptacle_id_key: '1' }, ...fields }],
})
const peersOf = (fields: object): unknown => parseSystemProfiler(bus(fields))?.buses[0]?.peerDomainUuids

describe('parseSystemProfiler', () => {
  it('reads a connected and a free socket, from text as from JSON', () => {
    const report = {
      SPThunderboltDataType: [
        {
          _name: 'thunderboltusb4_bus_0',
          device_name_key: 'Mac Studio',
          domain_uuid_key: 'U1',
          receptacle_1_tag: { receptacle_id_key: '1', current_speed_key: 'Up to 80 Gb/s' },
          _items: [{ _name: 'Mac Studio', domain_uuid_key: 'U9' }],
        },
        { domain_uuid_key: 'U2', receptacle_1_tag: { receptacle_id_key: '2' } },
      ],
    }
    const expected = {
      model: 'Mac Studio',
      buses: [
        { receptacle: '1', domainUuid: 'U1', gigabitsPerSecond: 80, peerDomainUuids: ['U9'] },
        { receptacle: '2', domainUuid: 'U2', gigabitsPerSecond: null, peerDomainUuids: [] },
      ],
    }
    expect(parseSystemProfiler(report)).toEqual(expected)
    expect(parseSystemProfiler(JSON.stringify(report, null, 2))).toEqual(expected)
  })
  it('sees no peer in a dock', () => expect(peersOf({ _items: [{ _name: 'dock' }] })).toEqual([]))
  it('takes every Mac, the nearest first', () =>
    expect(peersOf({ _items: [{ _name: 'x' }, { domain_uuid_key: 'U7' }, { domain_uuid_key: 'U8' }] })).toEqual(['U7', 'U8']))
  it('finds a Mac behind a hub and a display', () =>
    expect(peersOf({ _items: [{ _name: 'hub', _items: [{ _name: 'display', _items: [{ domain_uuid_key: 'U7' }] }] }] })).toEqual(['U7']))
  it('leaves out a bus without a uuid or a socket', () => {
    const report = {
      SPThunderboltDataType: [
        { receptacle_1_tag: { receptacle_id_key: '1' } },
        { domain_uuid_key: 'U3' },
        { domain_uuid_key: 'U4', receptacle_1_tag: {} },
      ],
    }
    expect(parseSystemProfiler(report)).toEqual({ model: null, buses: [] })
  })
  it('tells an empty report from none', () => {
    expect(parseSystemProfiler({ SPThunderboltDataType: [] })).toEqual({ model: null, buses: [] })
    expect(['', 'no JSON', '[]', 'null', '{"SPUSBDataType": []}'].map(parseSystemProfiler)).toEqual([null, null, null, null, null])
  })
})

const hardwarePorts = `
Hardware Port: Ethernet
Device: en0
Ethernet Address: 00:00:00:00:00:01

Hardware Port: Wi-Fi
Device: en1
Ethernet Address: 00:00:00:00:00:02

Hardware Port: Thunderbolt 1
Device: en2
Ethernet Address: 00:00:00:00:00:03

Hardware Port: Thunderbolt Bridge
Device: bridge0
Ethernet Address: 00:00:00:00:00:05

Hardware Port: USB 10/100/1000 LAN
Device: en7
Ethernet Address: 00:00:00:00:00:06
`

describe('parseHardwarePorts', () => {
  it('gives each port its device and what it is', () =>
    expect(parseHardwarePorts(hardwarePorts)?.map(({ portName, device }) => [device, portName, kindOfHardwarePort(portName)])).toEqual([
      ['en0', 'Ethernet', 'ethernet'],
      ['en1', 'Wi-Fi', 'wifi'],
      ['en2', 'Thunderbolt 1', 'thunderbolt'],
      ['bridge0', 'Thunderbolt Bridge', 'thunderbolt'],
      ['en7', 'USB 10/100/1000 LAN', 'ethernet'],
    ]))
  it('knows an Ethernet adapter at a Thunderbolt socket, and a telephone', () =>
    expect(['Thunderbolt Ethernet Slot 1', 'Ethernet Adapter (en4)', 'iPhone USB'].map(kindOfHardwarePort)).toEqual([
      'ethernet',
      'ethernet',
      'other',
    ]))
  it('is null for anything else', () => expect(parseHardwarePorts('command not found')).toBeNull())
})

describe('kindOfLinuxInterface', () => {
  it.each([
    ['eth0', 'ethernet'],
    ['enp3s0', 'ethernet'],
    ['wlan0', 'wifi'],
    ['wlp2s0', 'wifi'],
    ['thunderbolt0', 'thunderbolt'],
    ['docker0', 'other'],
  ])('%s is %s', (name, kind) => expect(kindOfLinuxInterface(name)).toBe(kind))
})

describe('parseServiceOrder', () => {
  it('reads names, devices, and the asterisk of a disabled service', () => {
    const text = `An asterisk (*) denotes that a network service is disabled.
(1) Ethernet
(Hardware Port: Ethernet, Device: en0)

(*) Thunderbolt Bridge
(Hardware Port: Thunderbolt Bridge, Device: bridge0)

(3) Work (VPN)
(Hardware Port: com.example.vpn, Device: )
`
    expect(parseServiceOrder(text)).toEqual([
      { serviceName: 'Ethernet', portName: 'Ethernet', device: 'en0', isEnabled: true },
      { serviceName: 'Thunderbolt Bridge', portName: 'Thunderbolt Bridge', device: 'bridge0', isEnabled: false },
      { serviceName: 'Work (VPN)', portName: 'com.example.vpn', device: '', isEnabled: true },
    ])
  })
})

describe('parseIfconfig', () => {
  it('reads the members of a bridge', () =>
    expect(
      parseIfconfig(
        'bridge0: flags=8863<UP> mtu 1500\n\tmember: en2 flags=3<LEARNING,DISCOVER>\n\tmember: en3 ' +
          'flags=3<LEARNING,DISCOVER>\n\tstatus: active\n',
      ),
    ).toEqual([{ name: 'bridge0', isUp: true, hasCarrier: true, addresses: [], members: ['en2', 'en3'], netmasks: {} }]))
  it('reads addresses of all interfaces, without their zones', () =>
    expect(
      parseIfconfig(
        'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n\tinet 127.0.0.1 netmask ' +
          '0xff000000\n\tinet6 ::1 prefixlen 128\nen5: flags=8822<BROADCAST,SMART,SIMPLEX,MULTICAST> mtu ' +
          '1500\n\tinet6 fe80::1c%en5 prefixlen 64 scopeid 0x6\n\tinet 10.0.0.7 netmask 0xffffff00 broadcast ' +
          '10.0.0.255\n\tstatus: inactive\n',
      ),
    ).toEqual([
      { name: 'lo0', isUp: true, hasCarrier: null, addresses: ['127.0.0.1', '::1'], members: [], netmasks: { '127.0.0.1': '0xff000000' } },
      {
        name: 'en5',
        isUp: false,
        hasCarrier: false,
        addresses: ['10.0.0.7', 'fe80::1c'],
        members: [],
        netmasks: { '10.0.0.7': '0xffffff00' },
      },
    ]))
})

describe('parseRdmaCtl', () => {
  it.each([
    ['enabled\n', 'enabled'],
    ['disabled\n', 'disabled'],
    ['RDMA is enabled\n', 'enabled'],
    ['RDMA is not enabled\n', 'disabled'],
    ['unknown\n', 'unknown'],
    ['', 'unknown'],
  ])('%j', (text, state) => expect(parseRdmaCtl(text)).toBe(state))
})

describe('parseIbvDevices', () => {
  const heading = '    device          \t   node GUID\n    ------          \t----------------\n'
  it('lists devices in their order', () =>
    expect(parseIbvDevices(`${heading}    rdma_en2        \t8096a9d9edbaac05\n    rdma_en5        \t8396a9d9edbaac05\n`)).toEqual([
      'rdma_en2',
      'rdma_en5',
    ]))
  it('tells none from no list', () => {
    expect(parseIbvDevices(heading)).toEqual([])
    expect(parseIbvDevices('zsh: command not found: ibv_devices')).toBeNull()
  })
})

describe('parseIbvDevinfo', () => {
  it('gives the state of each first port', () =>
    expect(
      parseIbvDevinfo(
        'hca_id:\trdma_en2\n\ttransport:\t\tThunderbolt (100)\n\t\tport:\t1\n\t\t\tstate:\t\t\tPORT_ACTIVE ' +
          '(4)\nhca_id:\trdma_en3\n\t\t\tstate:\t\t\tPORT_DOWN (1)\nhca_id:\trdma_en4\n',
      ),
    ).toEqual(
      new Map([
        ['rdma_en2', 'active'],
        ['rdma_en3', 'down'],
        ['rdma_en4', 'unknown'],
      ]),
    ))
  it('tells none from no answer', () => {
    expect(parseIbvDevinfo('No IB devices found\n')).toEqual(new Map())
    expect(parseIbvDevinfo('')).toBeNull()
  })
})

describe('memory and system', () => {
  it('counts app memory, wired memory and the compressor, as Activity Monitor does', () => {
    const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                1000.
Pages active:                               900.
Pages wired down:                           300.
Pages purgeable:                             50.
File-backed pages:                          400.
Anonymous pages:                            800.
Pages stored in compressor:                5000.
Pages occupied by compressor:               100.
`
    expect(parseVmStat(text)).toBe((800 - 50 + 300 + 100) * 16384)
    expect(parseVmStat(text.replace('Anonymous', 'New'))).toBeNull()
  })
  it('reads sysctl and sw_vers', () => {
    expect(parseSysctl('hw.memsize: 549755813888\nhw.ncpu: 32\nmachdep.cpu.brand_string: Apple M3 Ultra\n')).toEqual({
      totalBytes: 549755813888,
      cores: 32,
      chip: 'Apple M3 Ultra',
    })
    expect(parseSysctl('sysctl: unknown oid')).toEqual({ totalBytes: null, cores: null, chip: null })
    expect(parseSwVers('ProductName:\t\tmacOS\nProductVersion:\t\t26.2.1\nBuildVersion:\t\t25C56\n')).toBe('26.2.1')
    expect(parseSwVers('')).toBeNull()
  })
})
