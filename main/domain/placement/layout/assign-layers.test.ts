import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignLayers } from './assign-layers.ts'

const boundless = (shares: readonly number[]): number[] => shares.map(() => Infinity)

describe('assignLayers', () => {
  // The splits of exo 0.3.70.
  it.each<[layers: number, shares: number[], counts: number[]]>([
    [12, [1, 1, 1, 1], [3, 3, 3, 3]],
    [20, [0.975, 0.0125, 0.0125], [18, 1, 1]],
    [3, [0.33, 0.33, 0.34], [1, 1, 1]],
    [94, [512, 512, 256, 256], [31, 31, 16, 16]],
    [36, [16, 24, 32], [8, 12, 16]],
    [32, [0.9999, 0.0001], [31, 1]],
    [48, [128, 96, 48], [23, 17, 8]],
    [80, [50, 20], [57, 23]],
  ])('splits %d layers over %j', (layers, shares, counts) => expect(assignLayers(layers, shares, boundless(shares))).toEqual(counts))

  // exo refuses these: its proportional split overflows one place.
  it.each<[shares: number[], capacities: number[], counts: number[]]>([
    [
      [199, 350],
      [1, 3],
      [1, 3],
    ],
    [
      [350, 199],
      [3, 1],
      [3, 1],
    ],
  ])('moves what does not fit: shares %j, room %j', (shares, capacities, counts) =>
    expect(assignLayers(4, shares, capacities)).toEqual(counts),
  )

  it.each<[layers: number, shares: number[], capacities: number[], loads: number[], counts: number[]]>([
    [30, [1, 1], [30, 30], [0, 8], [19, 11]],
    [30, [2, 1], [30, 30], [0, 8], [25, 5]],
    [30, [1, 1], [16, 30], [0, 8], [16, 14]],
    [4, [1, 1, 1], [9, 9, 9], [0, 0, 9], [1, 2, 1]],
  ])('splits %d layers over %j with room %j beside the work %j', (layers, shares, capacities, loads, counts) =>
    expect(assignLayers(layers, shares, capacities, loads)).toEqual(counts),
  )

  it.each<[layers: number, shares: number[], capacities: number[]]>([
    [10, [], []],
    [2, [1, 1, 1], [9, 9, 9]],
    [4, [1, 1], [9, 0]],
    [4, [1, 1], [1, 2]],
  ])('has no split of %d layers over shares %j with room %j', (layers, shares, capacities) =>
    expect(assignLayers(layers, shares, capacities)).toBe(null),
  )

  it('splits evenly if no node has a share', () => expect(assignLayers(4, [0, 0], [4, 4])).toEqual([2, 2]))

  it('finds a split whenever there is one, near the shares', () => {
    const places = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1e12, noNaN: true }), capacity: fc.integer({ min: 0, max: 40 }) }),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), places, (layers, chosen) => {
        const [shares, capacities] = [chosen.map(({ share }) => share), chosen.map(({ capacity }) => capacity)]
        const counts = assignLayers(layers, shares, capacities)
        const room = capacities.reduce((sum, capacity) => sum + capacity, 0)
        const isPossible = capacities.every((capacity) => capacity >= 1) && layers >= chosen.length && room >= layers
        if (!isPossible) return counts === null
        expect(counts?.reduce((sum, count) => sum + count, 0)).toBe(layers)
        expect(counts?.every((count, place) => count >= 1 && count <= (capacities[place] ?? 0))).toBe(true)
        // Two places with free capacity and more than one layer each are within one layer of the ratio of their shares.
        const total = shares.reduce((sum, share) => sum + share, 0)
        const offs = (counts ?? []).map(
          (count, place) => count - (total > 0 ? (layers * (shares[place] ?? 0)) / total : layers / chosen.length),
        )
        for (const [a, offA] of offs.entries()) {
          for (const [b, offB] of offs.entries()) {
            const mayGive = (counts?.[a] ?? 0) > 1 && (counts?.[b] ?? 0) < (capacities[b] ?? 0)
            if (mayGive) expect(offA - offB).toBeLessThanOrEqual(1 + 1e-6)
          }
        }
        return true
      }),
    )
  })
})
