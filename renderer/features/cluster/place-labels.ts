import type { Point } from './topology-graph.ts'

export const LABEL_HEIGHT = 22
/** Where a label may stand along its line, the best place first. */
const RATIOS = [0.5, 0.34, 0.66, 0.42, 0.58, 0.26, 0.74]
const GAP = 4

export interface LabelledLine {
  readonly from: Point
  readonly to: Point
  /** Of its label. */
  readonly width: number
}

interface Box {
  readonly center: Point
  readonly width: number
  readonly height: number
}

/**
 * Where the label of each line goes, so that none covers another or a card.
 *
 * @returns for each line; null: there is no room for its label
 */
export function placeLabels(
  lines: readonly LabelledLine[],
  cards: readonly Point[],
  card: { readonly width: number; readonly height: number },
): (Point | null)[] {
  const taken: Box[] = cards.map((center) => ({ center, ...card }))
  return lines.map(({ from, to, width }) => {
    const boxes = RATIOS.map((ratio): Box => {
      const center = { x: from.x + (to.x - from.x) * ratio, y: from.y + (to.y - from.y) * ratio }
      return { center, width, height: LABEL_HEIGHT }
    }).filter((box) => !taken.some((other) => overlap(box, other)))
    // Where another line passes, a label could belong to either.
    const best = boxes.find((box) => !lines.some((other) => other.from !== from && other.to !== to && touches(other, box))) ?? boxes[0]
    if (best) taken.push(best)
    return best?.center ?? null
  })
}

/** Whether a line passes through a box, seen at steps that are smaller than the box. */
function touches({ from, to }: LabelledLine, { center, width, height }: Box): boolean {
  const steps = Math.ceil(Math.max(Math.abs(to.x - from.x) / width, Math.abs(to.y - from.y) / height) * 4)
  return Array.from({ length: steps + 1 }, (_, step) => step / steps).some(
    (ratio) =>
      Math.abs(from.x + (to.x - from.x) * ratio - center.x) < width / 2 &&
      Math.abs(from.y + (to.y - from.y) * ratio - center.y) < height / 2,
  )
}

const overlap = (first: Box, second: Box): boolean =>
  Math.abs(first.center.x - second.center.x) < (first.width + second.width) / 2 + GAP &&
  Math.abs(first.center.y - second.center.y) < (first.height + second.height) / 2 + GAP
