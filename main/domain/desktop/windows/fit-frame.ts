import type { Rectangle } from '../popover-position.ts'

/** So much of a window must be on a screen that it can be grabbed. */
const LEAST_VISIBLE = 80

/**
 * Where a window opens that was closed at `kept`: there, if enough of it is on a screen that is still connected.
 *
 * @param workAreas - of the connected screens
 * @returns null: the kept frame is of no use
 */
export function fitFrame(kept: Rectangle | null, workAreas: readonly Rectangle[]): Rectangle | null {
  if (kept === null) return null
  const isReachable = workAreas.some((area) => {
    const width = Math.min(kept.x + kept.width, area.x + area.width) - Math.max(kept.x, area.x)
    return width >= LEAST_VISIBLE && kept.y >= area.y && kept.y <= area.y + area.height - LEAST_VISIBLE
  })
  return isReachable ? kept : null
}
