import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeId } from '../../shared/ids.ts'
import type { RdmaLink } from '../../shared/topology.ts'
import { cable, ethernet } from '../cluster/__fixtures__/builders.ts'
import { rdmaMatrix } from './rdma-matrix.ts'

const ranks = (...names: string[]): NodeId[] => names.map((name) => NodeId.parse(name))

/** One cable, with the information that each end has about the other's device. */
function seenFromBothEnds(a: string, deviceOnA: string, b: string, deviceOnB: string): RdmaLink[] {
  const [there, back] = cable(a, deviceOnA, b, deviceOnB)
  return [
    { ...there!, peerDevice: deviceOnB },
    { ...back!, peerDevice: deviceOnA },
  ]
}

describe('rdmaMatrix', () => {
  const triangle = [
    ...cable('a', 'en3', 'b', 'en3'),
    ...cable('b', 'en4', 'c', 'en4'),
    ...cable('a', 'en5', 'c', 'en5'),
    ...ethernet('a', 'b'),
  ]

  it('puts the device on the row node that faces the column node', () => {
    expect(
      rdmaMatrix(
        [...cable('a', 'en2', 'b', 'en3'), ...cable('b', 'en4', 'c', 'en2'), ...cable('a', 'en5', 'c', 'en6')],
        ranks('a', 'b', 'c'),
        'mesh',
      ),
    ).toEqual([
      [null, 'en2', 'en5'],
      ['en3', null, 'en4'],
      ['en6', 'en2', null],
    ])
  })

  it('follows rank order, not link order', () => {
    expect(rdmaMatrix(triangle, ranks('c', 'a', 'b'), 'mesh')).toEqual([
      [null, 'en5', 'en4'],
      ['en5', null, 'en3'],
      ['en4', 'en3', null],
    ])
  })

  it('names the missing pair', () => {
    expect(() => rdmaMatrix(cable('a', 'en2', 'b', 'en3'), ranks('a', 'b', 'c'), 'mesh')).toThrow(
      expect.objectContaining({ code: 'no-cable', details: { from: 'a', to: 'c' } }),
    )
  })

  // exo drops all but one of them.
  it('lists two cables between a pair, equal places being the two ends of one cable', () => {
    const twice = [...seenFromBothEnds('a', 'en3', 'b', 'en9'), ...seenFromBothEnds('a', 'en4', 'b', 'en2')]
    const matrix = [
      [null, ['en3', 'en4']],
      [['en9', 'en2'], null],
    ]
    expect(rdmaMatrix(twice, ranks('a', 'b'), 'mesh')).toEqual(matrix)
    fc.assert(
      fc.property(fc.shuffledSubarray(twice, { minLength: 4 }), (links) => {
        expect(rdmaMatrix(links, ranks('a', 'b'), 'mesh')).toEqual(matrix)
      }),
    )
  })

  it('uses no more cables of a ring than JACCL takes', () => {
    const five = ['en2', 'en3', 'en4', 'en5', 'en6'].flatMap((device) => seenFromBothEnds('a', device, 'b', device))
    const four = ['en2', 'en3', 'en4', 'en5']
    expect(rdmaMatrix(five, ranks('a', 'b'), 'ring')).toEqual([
      [null, four],
      [four, null],
    ])
  })

  it('gives only neighbours of a ring a device, and all of them as many', () => {
    const ring = [
      ...cable('a', 'en2', 'b', 'en3'),
      ...cable('a', 'en8', 'b', 'en9'),
      ...cable('b', 'en4', 'c', 'en2'),
      ...cable('c', 'en5', 'd', 'en6'),
      ...cable('d', 'en3', 'a', 'en4'),
    ]
    expect(rdmaMatrix([...ring, ...cable('a', 'en7', 'c', 'en7')], ranks('a', 'b', 'c', 'd'), 'ring')).toEqual([
      [null, 'en2', null, 'en4'],
      ['en3', null, 'en4', null],
      [null, 'en2', null, 'en5'],
      ['en3', null, 'en6', null],
    ])
  })
})
