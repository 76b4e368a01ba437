import { describe, expect, it } from 'vitest'
import type { HardwareFacts } from '../../shared/hardware.ts'
import { NodeId } from '../../shared/ids.ts'
import { macLayouts } from './__fixtures__/mac-layouts.ts'
import { blankIdentifiers } from './blank-identifiers.ts'
import { rdmaLinks } from '../thunderbolt/rdma-links.ts'
import { RecordedHardware, recordedHardwareFacts } from './recorded-hardware.ts'

/** Not one-way, but of the same length, and different for different identifiers. */
const pseudonym = (identifier: string): string =>
  [0, 1, 2, 3]
    .map((part) =>
      [...`${part}${identifier}`].reduce((hash, character) => Math.imul(hash ^ character.charCodeAt(0), 16777619) >>> 0, 2166136261 + part),
    )
    .map((hash) => hash.toString(16).padStart(8, '0'))
    .join('')
    .repeat(2)

const blanked = (recorded: unknown): RecordedHardware => blankIdentifiers(RecordedHardware.parse(recorded), pseudonym)

describe('blankIdentifiers', () => {
  it('leaves no serial number, address or name', () => {
    const [mac] = macLayouts['four Macs, ring']
    const personal = {
      ...mac,
      name: "Anna's Mac Studio",
      systemProfiler: {
        SPThunderboltDataType: [
          {
            _name: "Anna's bus",
            device_name_key: 'Mac Studio',
            switch_uid_key: '0x05ACSECRET',
            serial_number_key: 'C02SECRET',
            domain_uuid_key: '7F158861-C131-4D0D-83B6-CA50EF76C32B',
            receptacle_1_tag: { receptacle_id_key: '1', micro_version_key: 'SECRET' },
            _items: [{ _name: "Ben's Mac", domain_uuid_key: '88F10ACA-5CAA-4F5D-8361-03EED54ACB5A' }],
          },
        ],
      },
      serviceOrder: `${mac?.serviceOrder}\n(4) Acme Corp VPN\n(Hardware Port: com.acme.vpn, Device: )\n`,
      ifconfig:
        `${mac?.ifconfig}utun4: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1380\n\tinet 100.64.7.9 --> ` +
        '100.64.7.9 netmask 0xffffffff\n\tinet6 fd7a:115c::abcd prefixlen 48\n',
    }
    const text = JSON.stringify(blanked(personal))
    const secrets = [
      'Anna',
      'Ben',
      'SECRET',
      '7F158861',
      '88F10ACA',
      'Acme',
      'acme',
      '100.64.7.9',
      'fd7a',
      '10.0.0.1"',
      '169.254.12.1',
      '36:00:00',
      '8296a9d9',
      '8296:a9d9',
    ]
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  })
  it('changes nothing that is read from it but names, addresses and uuids', () => {
    for (const mac of macLayouts['four Macs, full mesh, bridge on one']) {
      const plain = ({ name: _, interfaces, thunderboltPorts, ...facts }: HardwareFacts): object => ({
        ...facts,
        interfaces: interfaces.map(({ addresses, ...rest }) => ({ ...rest, addresses: addresses.length })),
        thunderboltPorts: thunderboltPorts.map(({ domainUuid: __, peerDomainUuids, ...rest }) => ({
          ...rest,
          peers: peerDomainUuids.length,
        })),
      })
      expect(plain(recordedHardwareFacts(blanked(mac)))).toEqual(plain(recordedHardwareFacts(RecordedHardware.parse(mac))))
    }
  })
  it('lets the ends of a cable still match', () => {
    const linksOf = (recordings: readonly RecordedHardware[]): string[] =>
      rdmaLinks(new Map(recordings.map((recorded, index) => [NodeId.parse(`node-${index}`), recordedHardwareFacts(recorded)]))).map(
        ({ from, device, to }) => `${from} ${device} ${to}`,
      )
    const macs = macLayouts['four Macs, full mesh'].map((mac) => RecordedHardware.parse(mac))
    expect(linksOf(macs.map(blanked))).toEqual(linksOf(macs))
  })
  it('drops what is no report', () =>
    expect(blanked({ name: 'x', totalBytes: 1, systemProfiler: 'serial C02SECRET' }).systemProfiler).toBeNull())
})
