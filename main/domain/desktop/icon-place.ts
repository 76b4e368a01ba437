import type { Rectangle } from './popover-position.ts'

export interface Display {
  readonly bounds: Rectangle
  /** Without bars. */
  readonly workArea: Rectangle
}

/**
 * Where the tray's icon is, as far as what the system says can be true. macOS gives an icon that it hides (the switch of macOS 26,
 * the notch, a full bar), or has not placed yet, a rectangle outside of every menu bar.
 *
 * @returns null: not known
 */
export function iconPlace(bounds: Rectangle, displays: readonly Display[], platform: string): Rectangle | null {
  if (bounds.width <= 0) return null
  if (platform !== 'darwin') return bounds
  const isInBar = ({ bounds: screen, workArea }: Display): boolean => {
    // A bar that hides itself leaves the whole screen as work area.
    const barEnd = Math.max(workArea.y, screen.y + 1)
    const centre = bounds.x + bounds.width / 2
    return bounds.y >= screen.y && bounds.y < barEnd && centre >= screen.x && centre < screen.x + screen.width
  }
  return bounds.height > 0 && displays.some(isInBar) ? bounds : null
}
