export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const GAP = 4

/**
 * The position of the popover: centred below the icon, or above it if the bar is at the bottom, and always on the
 * screen.
 *
 * @param icon - null if the system does not report it: the popover then goes to the corner where the bar most likely is
 * @param workArea - the work area of the icon's screen, without bars
 */
export function popoverPosition(
  icon: Rectangle | null,
  popover: { readonly width: number; readonly height: number },
  workArea: Rectangle,
): { x: number; y: number } {
  const right = workArea.x + workArea.width - popover.width - GAP
  const bottom = workArea.y + workArea.height - popover.height - GAP
  const left = workArea.x + GAP
  const top = workArea.y + GAP
  if (!icon) return { x: right, y: top }
  const isBarBelow = icon.y > workArea.y + workArea.height / 2
  const centred = Math.round(icon.x + icon.width / 2 - popover.width / 2)
  const beside = isBarBelow ? icon.y - popover.height - GAP : icon.y + icon.height + GAP
  return { x: Math.max(left, Math.min(right, centred)), y: Math.max(top, Math.min(bottom, beside)) }
}
