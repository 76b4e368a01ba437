import { describe, expect, it } from 'vitest'
import type { Placement } from '../../shared/placement.ts'
import { RingPlace } from '../../shared/shard.ts'
import { aPlacement } from '../cluster/__fixtures__/builders.ts'
import { ringPlace, type RingPlaceOptions } from './ring-place.ts'

const keys = { before: 'b'.repeat(64), after: 'a'.repeat(64) }
const options = (rank: number, changes: Partial<RingPlaceOptions> = {}): RingPlaceOptions => ({
  rank,
  portByRank: [50000, 50001, 50002],
  loopbackPorts: { listenPort: 41000, dialPort: 41001 },
  keys,
  ownAddress: (address) => address,
  isSealed: () => true,
  ...changes,
})
const three: Placement = {
  ...aPlacement('a', 'b', 'c'),
  addressMatrix: [
    [null, '10.0.1.2', '10.0.1.3'],
    ['10.0.2.1', null, '10.0.2.3'],
    ['10.0.3.1', '10.0.3.2', null],
  ],
}
const code = (expected: string): unknown => expect.objectContaining({ code: expected })

describe('ringPlace', () => {
  it('has a rank listen where the one before looks for it, and look for the one after', () => {
    const places = [0, 1, 2].map((rank) => RingPlace.parse(ringPlace(three, options(rank))))
    expect(places.map(({ before, after }) => [`${before.address}:${before.port}`, `${after.address}:${after.port}`])).toEqual([
      ['10.0.3.1:50000', '10.0.1.2:50001'],
      ['10.0.1.2:50001', '10.0.2.3:50002'],
      ['10.0.2.3:50002', '10.0.3.1:50000'],
    ])
    expect(places[0]).toEqual({
      listenPort: 41000,
      dialPort: 41001,
      before: { address: '10.0.3.1', port: 50000, key: keys.before, seal: true },
      after: { address: '10.0.1.2', port: 50001, key: keys.after, seal: true },
    })
  })

  it('asks of each path by itself whether it is sealed', () => {
    const asked: string[] = []
    const { before, after } = ringPlace(
      three,
      options(1, { isSealed: (from, to, address) => asked.push(`${from} ${to} ${address}`) === 1 }),
    )
    expect([before.seal, after.seal, asked]).toEqual([true, false, ['a b 10.0.1.2', 'b c 10.0.2.3']])
  })

  it('connects over IPv6 too, and each end names a link-local address with its own interface', () => {
    const overIpv6: Placement = {
      ...aPlacement('a', 'b'),
      addressMatrix: [
        [null, 'fe80::b%en5'],
        ['fd00::a', null],
      ],
    }
    const ownAddress = (address: string): string => address.replace('%en5', '%eth0')
    const places = [0, 1].map((rank) => RingPlace.parse(ringPlace(overIpv6, options(rank, { ownAddress }))))
    expect(places.map(({ before, after }) => [before.address, after.address])).toEqual([
      ['fd00::a', 'fe80::b%en5'],
      ['fe80::b%eth0', 'fd00::a'],
    ])
  })

  it('says what is missing, and never listens at all addresses', () => {
    const place = (fields: Partial<Placement>, changes: Partial<RingPlaceOptions> = {}): void =>
      void ringPlace({ ...three, ...fields }, options(0, changes))
    const withAddress = (address: string | null): Partial<Placement> => ({
      addressMatrix: three.addressMatrix.map((row, from) => row.map((old, to) => (from === 2 && to === 0 ? address : old))),
    })
    expect(() => place(withAddress(null))).toThrow(code('launch-address-missing'))
    for (const wrong of [
      '0.0.0.0',
      '::',
      '0:0:0:0:0:0:0:0',
      'studio-1',
      '10.0.0.300',
      'fe80::1%',
      'fe80::1%a b',
      '10.0.0.1%en0',
      'fe80::1%../x',
    ])
      expect(() => place(withAddress(wrong)), wrong).toThrow(code('launch-address-not-ipv4'))
    expect(() => place({}, { portByRank: [50000, null, 50002] })).toThrow(code('launch-port-missing'))
  })
})
