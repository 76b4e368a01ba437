import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeFinder, type Shape } from './node-finder.ts'
import type { Adjacency } from './topology-graph.ts'

function adjacencyOf(edges: readonly (readonly [number, number])[]): Adjacency {
  const keys = new Set(edges.map(([from, to]) => from * 1000 + to))
  return { has: (from, to) => keys.has(from * 1000 + to) }
}

const both = (pairs: readonly [number, number][]): [number, number][] =>
  pairs.flatMap(([a, b]): [number, number][] => [
    [a, b],
    [b, a],
  ])

function find(
  shape: Shape,
  edges: readonly (readonly [number, number])[],
  units: readonly number[],
  count: number,
  neededUnits: number,
): number[] | null {
  const candidates = units.map((_, index) => index)
  const finder = new NodeFinder({ shape, adjacency: adjacencyOf(edges), size: units.length, candidates, units })
  return finder.find(count, neededUnits, { left: 1e6 }, (nodes) => [...nodes])
}

describe('NodeFinder', () => {
  const ones = (count: number): number[] => Array.from({ length: count }, () => 1)
  const chain = both([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
  const square = both([
    [0, 2],
    [2, 1],
    [1, 3],
    [3, 0],
  ])

  it('finds a ring in ring order', () => expect(find('ring', square, ones(4), 4, 4)).toEqual([0, 2, 1, 3]))

  it('follows one-way links along the ring only', () => {
    expect(
      find(
        'ring',
        [
          [0, 1],
          [1, 2],
          [2, 0],
        ],
        ones(3),
        3,
        3,
      ),
    ).toEqual([0, 1, 2])
    expect(find('ring', [[0, 1]], ones(2), 2, 2)).toBe(null)
    expect(
      find(
        'mesh',
        [
          [0, 1],
          [1, 2],
          [2, 0],
        ],
        ones(3),
        3,
        3,
      ),
    ).toBe(null)
  })

  it('finds no ring in a chain or a star, but a pair', () => {
    expect(find('ring', chain, ones(4), 3, 3)).toBe(null)
    expect(
      find(
        'ring',
        both([
          [0, 1],
          [0, 2],
          [0, 3],
        ]),
        ones(4),
        3,
        3,
      ),
    ).toBe(null)
    expect(find('ring', chain, ones(4), 2, 2)).toEqual([0, 1])
  })

  it('takes the preferred nodes that contribute enough', () => {
    const mesh = both([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ])
    expect(find('mesh', mesh, [1, 1, 5, 5], 2, 6)).toEqual([0, 2])
    expect(find('mesh', mesh, [1, 1, 5, 5], 2, 10)).toEqual([2, 3])
    expect(find('mesh', mesh, [1, 1, 5, 5], 2, 11)).toBe(null)
  })

  it('lists the sizes of the parts that could hold a ring', () => {
    const edges = [
      ...square,
      ...both([
        [3, 4],
        [4, 5],
        [6, 7],
        [7, 8],
        [8, 6],
      ]),
    ]
    const finder = new NodeFinder({
      shape: 'ring',
      adjacency: adjacencyOf(edges),
      size: 9,
      candidates: [0, 1, 2, 3, 4, 5, 6, 7, 8],
      units: ones(9),
    })
    expect(finder.ringSizes()).toEqual([3, 4])
  })

  it('stays within its budget', () => {
    const edges: [number, number][] = []
    for (let a = 0; a < 60; a++) for (let b = 0; b < 60; b++) if (a !== b && (a + b) % 2 === 1) edges.push([a, b])
    const finder = new NodeFinder({
      shape: 'ring',
      adjacency: adjacencyOf(edges),
      size: 60,
      candidates: Array.from({ length: 60 }, (_, index) => index),
      units: ones(60),
    })
    const budget = { left: 5000 }
    // Two halves without links inside have no ring of odd length, which only a search of all rings could prove.
    expect(finder.find(31, 31, budget, (nodes) => nodes)).toBe(null)
    expect(budget.left).toBeGreaterThan(-100)
  })

  it('finds every solution among few nodes', () => {
    const graphs = fc.record({
      size: fc.integer({ min: 2, max: 6 }),
      edges: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 30 }),
      units: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 6, maxLength: 6 }),
      count: fc.integer({ min: 2, max: 6 }),
      needed: fc.integer({ min: 1, max: 20 }),
      shape: fc.constantFrom<Shape>('mesh', 'ring'),
    })
    fc.assert(
      fc.property(graphs, ({ size, edges, units, count, needed, shape }) => {
        const kept = edges.filter(([from, to]) => from < size && to < size && from !== to)
        const adjacency = adjacencyOf(kept)
        const found = find(shape, kept, units.slice(0, size), count, needed)
        const isGood = (nodes: readonly number[]): boolean =>
          nodes.reduce((sum, node) => sum + (units[node] ?? 0), 0) >= needed &&
          (shape === 'ring'
            ? nodes.every((node, place) => adjacency.has(node, nodes[(place + 1) % nodes.length] ?? node))
            : nodes.every((a) => nodes.every((b) => a === b || adjacency.has(a, b))))
        const possible = orders(
          Array.from({ length: size }, (_, node) => node),
          count,
        ).some(isGood)
        expect(found !== null).toBe(possible)
        if (found) expect([new Set(found).size, isGood(found)]).toEqual([count, true])
      }),
      { numRuns: 300 },
    )
  })
})

function orders(nodes: readonly number[], count: number): number[][] {
  if (count === 0) return [[]]
  return nodes.flatMap((node) =>
    orders(
      nodes.filter((other) => other !== node),
      count - 1,
    ).map((rest) => [node, ...rest]),
  )
}
