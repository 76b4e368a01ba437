import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import { ethernet, tcpLink } from '../cluster/__fixtures__/builders.ts'
import { coordinatorAddresses, ringAddresses } from './address-matrix.ts'

const ranks = (...names: string[]): NodeId[] => names.map((name) => NodeId.parse(name))

describe('ringAddresses', () => {
  it('gives each rank the addresses of its neighbours only', () => {
    const links = ['ab', 'bc', 'cd', 'da', 'ac'].flatMap((pair) => ethernet(pair[0]!, pair[1]!))
    expect(ringAddresses(links, ranks('a', 'b', 'c', 'd'))).toEqual([
      [null, '10.0.0.b', null, '10.0.0.d'],
      ['10.0.0.a', null, '10.0.0.c', null],
      [null, '10.0.0.b', null, '10.0.0.d'],
      ['10.0.0.a', null, '10.0.0.c', null],
    ])
  })

  it('prefers the Thunderbolt address', () => {
    const links = [...ethernet('a', 'b'), ...ethernet('a', 'b', { medium: 'thunderbolt', address: '169.254.9.1' })]
    expect(ringAddresses(links, ranks('a', 'b'))[0]).toEqual([null, '169.254.9.1'])
  })
})

describe('coordinatorAddresses', () => {
  it('takes one address of rank 0 that all reach, even if some have a better one', () => {
    const links = [
      tcpLink('b', 'a', { address: '192.168.1.1', medium: 'wifi' }),
      tcpLink('b', 'a', { address: '10.0.0.1', medium: 'ethernet' }),
      tcpLink('c', 'a', { address: '192.168.1.1', medium: 'wifi' }),
    ]
    expect(coordinatorAddresses(links, ranks('a', 'b', 'c'))).toEqual({
      addresses: [
        [null, null, null],
        ['192.168.1.1', null, null],
        ['192.168.1.1', null, null],
      ],
    })
  })

  it('B1: names the rank that shares no address of rank 0 with those before it: rank 0 listens on one address only', () => {
    const links = [
      tcpLink('b', 'a', { address: '169.254.0.2' }),
      tcpLink('c', 'a', { address: '169.254.0.2' }),
      tcpLink('d', 'a', { address: '169.254.0.5' }),
    ]
    expect(coordinatorAddresses(links, ranks('a', 'b', 'c', 'd'))).toEqual({ unreachableFromRank: 3 })
  })

  it.each([
    ['ethernet', 'thunderbolt'],
    ['wifi', 'unknown'],
    ['unknown', 'thunderbolt'],
  ] as const)('leaves the cables to RDMA: %s before %s', (better, worse) => {
    const links = [worse, better].map((medium) => tcpLink('b', 'a', { address: medium, medium }))
    expect(coordinatorAddresses(links, ranks('a', 'b'))).toMatchObject({
      addresses: [
        [null, null],
        [better, null],
      ],
    })
  })

  it('names the rank that reaches rank 0 nowhere', () => {
    expect(coordinatorAddresses(ethernet('a', 'b'), ranks('a', 'b', 'c'))).toEqual({ unreachableFromRank: 2 })
  })
})
