import type { Rectangle } from './popover-position.ts'

export interface Display {
  readonly bounds: Rectangle
  /** Without bars. */
  readonly workArea: Rectangle
}

/**
 * The position of the tray's icon, if the system's report is plausible. For an icon that macOS hides (because of the
 * switch in macOS 26, the notch, or a full bar) or has not placed yet, it reports a rectangle outside every menu bar.
 *
 * @returns null: unknown
 */
export function iconPlace(bounds: Rectangle, displays: readonly Display[], platform: string): Rectangle | null {
  if (bounds.width <= 0) return null
  if (platform !== 'darwin') return bounds
  const isInBar = ({ bounds: screen, workArea }: Display): boolean => {
    // With a bar that hides automatically, the whole screen is work area.
    const barEnd = Math.max(workArea.y, screen.y + 1)
    const centre = bounds.x + bounds.width / 2
    return bounds.y >= screen.y && bounds.y < barEnd && centre >= screen.x && centre < screen.x + screen.width
  }
  return bounds.height > 0 && displays.some(isInBar) ? bounds : null
}
