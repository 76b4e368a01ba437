import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { macLayouts } from '../mac/__fixtures__/mac-layouts.ts'
import { uuidOf } from '../mac/__fixtures__/record-macs.ts'
import { parseHardwarePorts, thunderboltSocket } from '../mac/parse-hardware-ports.ts'
import { parseIbvDevices } from '../mac/parse-ibv-devices.ts'
import { parseIbvDevinfo } from '../mac/parse-ibv-devinfo.ts'
import { parseRdmaCtl } from '../mac/parse-rdma-ctl.ts'
import { parseServiceOrder } from '../mac/parse-service-order.ts'
import { parseSystemProfiler } from '../mac/parse-system-profiler.ts'
import { planNetworkSetup } from './plan-network-setup.ts'
import { rdmaLinks } from './rdma-links.ts'
import { RecordedHardware, recordedHardwareFacts } from '../mac/recorded-hardware.ts'

/** A MacBook Pro with another chip and a later macOS in German, at the end of studio-1's first cable. */
const macBook = RecordedHardware.parse({
  name: 'MacBook Pro von Anna',
  chip: 'Apple M5 Max',
  osVersion: '27.0',
  totalBytes: 128 * 2 ** 30,
  aLaterField: true,
  systemProfiler: {
    SPThunderboltDataType: [
      {
        _name: 'thunderboltusb4_bus_1',
        device_name_key: 'MacBook Pro',
        domain_uuid_key: uuidOf(1, 2).toLowerCase(),
        receptacle_1_tag: { receptacle_id_key: 2, current_speed_key: 'Bis zu 120 GBit/s', aNewKey: [] },
        _items: [
          {
            _name: 'Studio Display',
            _items: [{ _name: 'Thunderbolt-Hub' }, { _name: 'Mac Studio', domain_uuid_key: uuidOf(0, 2).toLowerCase() }],
          },
        ],
      },
    ],
    SPAnotherDataType: [],
  },
  hardwarePorts:
    '\r\nHardwareanschluss: WLAN\r\nGerät: en0\r\nEthernet-Adresse: 36:00:00:00:00:01\r\n\r\n' +
    'Hardwareanschluss: Thunderbolt-Anschluss 2\r\nGerät: en2\r\nEthernet-Adresse: ' +
    '36:00:00:00:00:02\r\n\r\nHardwareanschluss: Thunderbolt-Brücke\r\nGerät: bridge0\r\n' +
    'Ethernet-Adresse: 36:00:00:00:00:03\r\n',
  serviceOrder:
    'Ein Sternchen (*) bedeutet, dass ein Netzwerkdienst deaktiviert ist.\n(1) WLAN\n(Hardwareanschluss: ' +
    'WLAN, Gerät: en0)\n\n(*) Thunderbolt-Brücke\n(Hardwareanschluss: Thunderbolt-Brücke, Gerät: bridge0)\n',
  ifconfig:
    'en0: flags=8863<UP,RUNNING> mtu 1500\n\tinet 10.1.0.9 netmask 0xffffff00\n\tstatus: active\nen2: ' +
    'flags=8863<UP,RUNNING> mtu 1500\n\tnew: thing\n\tstatus: active\nbridge0: flags=8863<UP> mtu ' +
    '1500\n\tmember: en2 flags=3<LEARNING>\n\tstatus: active\n',
  rdmaCtl: 'RDMA over Thunderbolt: Enabled\nVersion: 2\n',
  ibvDevices:
    '    device                 node GUID              state\n    ------              ----------------    ' +
    '      -----\n    rdma_en2            8096a9d9edbaac05          active\n',
  ibvDevinfo: 'hca_id:\trdma_en2\n\tfw_ver:\t2.0\n\t\tport:\t1\n\t\t\tphys_state:\t\tLINK_UP (5)\n\t\t\tstate:\t\t\tactive (4)\n',
})
const studio = RecordedHardware.parse(macLayouts['two Macs'][0])

describe('a Mac of another kind, version and language', () => {
  it('is read as well', () =>
    expect(recordedHardwareFacts(macBook)).toMatchObject({
      model: 'MacBook Pro',
      rdma: 'enabled',
      interfaces: [
        { name: 'en0', kind: 'wifi', addresses: ['10.1.0.9'] },
        { name: 'en2', kind: 'thunderbolt' },
        { name: 'bridge0', kind: 'thunderbolt' },
      ],
      thunderboltPorts: [
        {
          receptacle: '2',
          deviceName: 'en2',
          rdmaDevice: 'rdma_en2',
          gigabitsPerSecond: 120,
          portState: 'active',
          peerDomainUuids: [uuidOf(0, 2)],
        },
      ],
      bridge: { name: 'bridge0', isActive: false, members: ['en2'] },
      missing: [],
    }))
  it('has its link to a Mac Studio, both ways', () => {
    const [a, b] = [NodeId.parse('studio'), NodeId.parse('book')]
    const links = rdmaLinks(
      new Map([
        [a, recordedHardwareFacts(studio)],
        [b, recordedHardwareFacts(macBook)],
      ]),
    )
    expect(links.map(({ from, device, to, peerDevice }) => [from, device, to, peerDevice])).toEqual([
      [a, 'rdma_en3', b, 'rdma_en2'],
      [b, 'rdma_en2', a, 'rdma_en3'],
    ])
  })
  it('is set up by the name that its port has there', () =>
    expect(planNetworkSetup(macBook).steps.map(({ command }) => command.slice(0, 4))).toContainEqual([
      'networksetup',
      '-createnetworkservice',
      'exo Thunderbolt 2',
      'Thunderbolt-Anschluss 2',
    ]))
})

describe('parseHardwarePorts', () => {
  it.each([
    ['Thunderbolt 1', 'en2', '1'],
    ['Thunderbolt Port 4', 'en5', '4'],
    ['Thunderbolt 5 Port 2', 'en3', '2'],
    ['Thunderbolt\u00a03', 'en4', '3'],
    ['雷雳 (Thunderbolt) 2', 'en3', '2'],
    ['Thunderbolt Bridge', 'bridge0', null],
    ['Thunderbolt-Brücke 1', 'bridge0', null],
    ['Thunderbolt Ethernet Slot 1', 'en8', null],
    ['Ethernet Adapter (en4)', 'en4', null],
  ])('%s on %s is socket %s', (portName, device, socket) => expect(thunderboltSocket({ portName, device })).toBe(socket))
  it('reads colons of other scripts, and skips what has no device', () => {
    expect(
      parseHardwarePorts(
        '硬件端口：Wi-Fi\n设备：en0\n以太网地址：N/A\n\nHardware Port: Bluetooth PAN\nDevice: \n\nHardware Port: Ethernet\nDevice: en1\n',
      ),
    ).toEqual([
      { portName: 'Wi-Fi', device: 'en0' },
      { portName: 'Ethernet', device: 'en1' },
    ])
  })
})

describe('parseRdmaCtl', () => {
  it.each([
    ['RDMA: on', 'enabled'],
    ['rdma is ON\n', 'enabled'],
    ['{"enabled": true}', 'enabled'],
    ['{"enabled": false}', 'disabled'],
    ['enabled = 0', 'disabled'],
    ['RDMA on Thunderbolt: off', 'disabled'],
    ['RDMA on this Mac: to be determined', 'unknown'],
    ['RDMA is not supported on this Mac', 'absent'],
  ])('%j is %s', (text, state) => expect(parseRdmaCtl(text)).toBe(state))
})

describe('the RDMA devices', () => {
  it('are recognized by their names, whatever is next to them', () => {
    expect(parseIbvDevices('rdma_en2\nrdma_en3 up\n')).toEqual(['rdma_en2', 'rdma_en3'])
    expect(parseIbvDevices('No RDMA devices found\n')).toEqual([])
  })
  it('are active or not in any spelling', () =>
    expect([
      ...(parseIbvDevinfo(
        'HCA_ID: rdma_en2\n State: Active\nhca_id: rdma_en3\n state: inactive\nhca_id: rdma_en4\n state: ' +
          'PORT_INIT (2)\nhca_id: rdma_en5\n state: new\n',
      ) ?? []),
    ]).toEqual([
      ['rdma_en2', 'active'],
      ['rdma_en3', 'down'],
      ['rdma_en4', 'down'],
      ['rdma_en5', 'unknown'],
    ]))
})

describe('the rest', () => {
  it('reads speeds of other languages, in bits alone', () => {
    const speedOf = (speed: unknown): unknown =>
      parseSystemProfiler({
        SPThunderboltDataType: [{ domain_uuid_key: 'U1', receptacle_1_tag: { receptacle_id_key: '1', current_speed_key: speed } }],
      })?.buses[0]?.gigabitsPerSecond
    expect(
      ['Up to 80 Gb/s', 'Up to 80 Gb/s x1', 'Jusqu’à 80 Gbit/s', '最大 120Gb/秒', 'up to 40Gbps', '10 Go/s', '8 GB?', 80].map(speedOf),
    ).toEqual([80, 80, 80, 120, 40, null, null, null])
  })
  it('reads service orders with other commas', () =>
    expect(parseServiceOrder('(1) 以太网\n（硬件端口：以太网，设备：en0）\n')).toEqual([
      { serviceName: '以太网', portName: '以太网', device: 'en0', isEnabled: true },
    ]))
})
