import type { RecordedHardwareInput } from '../recorded-hardware.ts'

export interface MacSpec {
  readonly name: string
  readonly model?: string
  readonly osVersion?: string
  /** Thunderbolt sockets, numbered from 1; socket N is device en(N + 1). */
  readonly sockets?: number
  readonly rdma?: 'enabled' | 'disabled'
  /** The Thunderbolt bridge over all sockets. */
  readonly hasBridge?: boolean
  readonly totalBytes?: number
  /** Sockets whose RDMA port stays down although a cable is plugged in. */
  readonly downSockets?: readonly number[]
}

/** A cable between two sockets. Devices in between are nested in both reports. */
export interface Cable {
  readonly ends: readonly [mac: string, socket: number, otherMac: string, otherSocket: number]
  readonly through?: readonly ('Thunderbolt Hub' | 'Studio Display')[]
  readonly speed?: string
}

type End = readonly [mac: string, socket: number]

const deviceOf = (socket: number): string => `en${socket + 1}`

export const uuidOf = (index: number, socket: number): string =>
  `${(0xa0 + index).toString(16).toUpperCase()}00000${socket}-1111-4222-8333-0123456789AB`

/** The output of each Mac's commands when the cables are plugged in this way: the same bytes, blanks and tabs as on a real Mac. */
export function recordMacs(macs: readonly MacSpec[], cables: readonly Cable[]): RecordedHardwareInput[] {
  const ends = cables.flatMap(({ ends: [mac, socket, otherMac, otherSocket], through = [], speed = 'Up to 80 Gb/s' }) => [
    { here: [mac, socket] as End, there: [otherMac, otherSocket] as End, through, speed },
    { here: [otherMac, otherSocket] as End, there: [mac, socket] as End, through: [...through].reverse(), speed },
  ])
  return macs.map((mac, index) => {
    const {
      name,
      model = 'Mac Studio',
      osVersion = '26.2',
      sockets = 4,
      rdma = 'enabled',
      hasBridge = false,
      totalBytes = 512 * 2 ** 30,
      downSockets = [],
    } = mac
    const numbers = Array.from({ length: sockets }, (_, socket) => socket + 1)
    const endAt = (socket: number) => ends.find(({ here }) => here[0] === name && here[1] === socket)
    const hasCommands = !/^26\.[01]\b|^1\d|^2[0-5]\b/.test(osVersion)
    const isLive = (socket: number): boolean => {
      const end = endAt(socket)
      const peer = macs.find((candidate) => candidate.name === end?.there[0])
      return (
        rdma === 'enabled' &&
        end !== undefined &&
        !/ (20|40) Gb/.test(end.speed) &&
        !downSockets.includes(socket) &&
        (peer?.rdma ?? 'enabled') === 'enabled'
      )
    }
    const bus = (socket: number): object => {
      const end = endAt(socket)
      const peerIndex = macs.findIndex((candidate) => candidate.name === end?.there[0])
      const host = {
        _name: macs[peerIndex]?.model ?? 'Mac Studio',
        device_name_key: 'Mac15,14',
        domain_uuid_key: end ? uuidOf(peerIndex, end.there[1]) : '',
        vendor_name_key: 'Apple Inc.',
      }
      const items =
        end &&
        [...end.through]
          .reverse()
          .reduce<object[]>(
            (inner, device) => [{ _name: device, device_name_key: device, switch_uid_key: '0x05AC0BADC0FFEE00', _items: inner }],
            [host],
          )
      return {
        _name: `thunderboltusb4_bus_${socket - 1}`,
        ...(items ? { _items: items } : {}),
        device_name_key: model,
        domain_uuid_key: uuidOf(index, socket),
        receptacle_1_tag: {
          current_speed_key: end?.speed ?? 'Up to 80 Gb/s',
          link_status_key: end ? '0x2' : '0x7',
          receptacle_id_key: String(socket),
          receptacle_status_key: end ? 'receptacle_connected' : 'receptacle_no_devices_connected',
        },
        route_string_key: '0',
        switch_uid_key: `0x05AC${index}0${socket}`,
        vendor_name_key: 'Apple Inc.',
      }
    }
    const etherOf = (number: number): string => `36:00:00:00:0${index}:0${number}`
    const bridgeMember = (socket: number): string =>
      `\tmember: ${deviceOf(socket)} flags=3<LEARNING,DISCOVER>\n\t        ifmaxaddr 0 port ${socket + 9} priority 0 path cost 0\n`
    const rdmaDevices =
      rdma === 'enabled' ? numbers.map((socket) => `    rdma_${deviceOf(socket)}        \t8${socket}96a9d9edbaac05\n`) : []
    return {
      name,
      chip: 'Apple M3 Ultra',
      osVersion,
      totalBytes,
      availableBytes: Math.floor(totalBytes * 0.9),
      systemProfiler: { SPThunderboltDataType: numbers.map(bus) },
      hardwarePorts: [
        ['Ethernet', 'en0'],
        ['Wi-Fi', 'en1'],
        ...numbers.map((socket) => [`Thunderbolt ${socket}`, deviceOf(socket)] as const),
        ['Thunderbolt Bridge', 'bridge0'],
      ]
        .map(([port, device], number) => `\nHardware Port: ${port}\nDevice: ${device}\nEthernet Address: ${etherOf(number)}\n`)
        .join('')
        .concat('\nVLAN Configurations\n===================\n'),
      serviceOrder: [
        'An asterisk (*) denotes that a network service is disabled.',
        '(1) Ethernet\n(Hardware Port: Ethernet, Device: en0)\n',
        `(${hasBridge ? 2 : '*'}) Thunderbolt Bridge\n(Hardware Port: Thunderbolt Bridge, Device: bridge0)\n`,
        '(3) Wi-Fi\n(Hardware Port: Wi-Fi, Device: en1)\n',
      ].join('\n'),
      ifconfig: [
        'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\n',
        'en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500\n' +
          `\tether ${etherOf(0)}\n\tinet6 fe80::${index + 1}%en0 prefixlen 64 secured scopeid 0x4\n` +
          `\tinet 10.0.0.${index + 1} netmask 0xffffff00 broadcast 10.0.0.255\n\tstatus: active\n`,
        ...numbers.map((socket) => {
          const address =
            hasBridge || !endAt(socket)
              ? ''
              : `\tinet 169.254.${10 * (index + 1) + socket}.1 netmask 0xffff0000 broadcast 169.254.255.255\n`
          return (
            `${deviceOf(socket)}: flags=8963<UP,BROADCAST,SMART,RUNNING,PROMISC,SIMPLEX,MULTICAST> mtu 16000\n` +
            `\toptions=460<TSO4,TSO6,CHANNEL_IO>\n${address}\tstatus: ${endAt(socket) ? 'active' : 'inactive'}\n`
          )
        }),
        hasBridge
          ? 'bridge0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500\n\tConfiguration:\n' +
            '\t\tid 0:0:0:0:0:0 priority 0 hellotime 0 fwddelay 0\n' +
            numbers.map(bridgeMember).join('') +
            `\tinet 169.254.100.${index + 1} netmask 0xffff0000 broadcast 169.254.255.255\n\tstatus: active\n`
          : '',
      ].join(''),
      rdmaCtl: hasCommands ? `${rdma}\n` : null,
      ibvDevices: hasCommands
        ? '    device          \t   node GUID\n    ------          \t----------------\n' + rdmaDevices.join('')
        : null,
      ibvDevinfo: !hasCommands
        ? null
        : rdma !== 'enabled'
          ? 'No IB devices found\n'
          : numbers
              .map(
                (socket) =>
                  `hca_id:\trdma_${deviceOf(socket)}\n\ttransport:\t\t\tThunderbolt (100)\n\tfw_ver:\t\t\t\t1.0\n` +
                  `\tnode_guid:\t\t\t8${socket}96:a9d9:edba:ac05\n\tphys_port_cnt:\t\t\t1\n\t\tport:\t1\n` +
                  `\t\t\tstate:\t\t\t${isLive(socket) ? 'PORT_ACTIVE (4)' : 'PORT_DOWN (1)'}\n` +
                  '\t\t\tmax_mtu:\t\t4096 (5)\n\t\t\tlink_layer:\t\tThunderbolt\n\n',
              )
              .join(''),
    }
  })
}
