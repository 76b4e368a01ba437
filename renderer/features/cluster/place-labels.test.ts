import { expect, it } from 'vitest'
import { LABEL_HEIGHT, placeLabels } from './place-labels.ts'
import { layOut, type Point } from './topology-graph.ts'

const CARD = { width: 214, height: 84 }

it.each([2, 3, 4, 5, 6, 7, 8])('B17: the labels of a full mesh of %i machines cover neither one another nor a machine', (count) => {
  const { centers } = layOut(count, CARD)
  const lines = centers.flatMap((from, index) => centers.slice(index + 1).map((to) => ({ from, to, width: 110 })))
  const places = placeLabels(lines, centers, CARD)
  expect(places).toHaveLength(lines.length)
  const shown = places.filter((place): place is Point => place !== null)
  expect(shown.length).toBeGreaterThan(lines.length / 3)
  const isFar = (first: Point, second: Point, width: number, height: number): boolean =>
    Math.abs(first.x - second.x) >= width || Math.abs(first.y - second.y) >= height
  for (const [index, place] of shown.entries()) {
    expect(shown.slice(index + 1).every((other) => isFar(place, other, 110, LABEL_HEIGHT))).toBe(true)
    expect(centers.every((center) => isFar(place, center, (110 + CARD.width) / 2, (LABEL_HEIGHT + CARD.height) / 2))).toBe(true)
  }
})

it('B17: no label of four machines stands where two lines cross', () => {
  const { centers } = layOut(4, CARD)
  const lines = centers.flatMap((from, index) => centers.slice(index + 1).map((to) => ({ from, to, width: 110 })))
  const middle = { x: (centers[0]!.x + centers[2]!.x) / 2, y: (centers[0]!.y + centers[2]!.y) / 2 }
  const places = placeLabels(lines, centers, CARD)
  expect(places.every((place) => place && (Math.abs(place.x - middle.x) > 55 || Math.abs(place.y - middle.y) > LABEL_HEIGHT / 2))).toBe(
    true,
  )
})
