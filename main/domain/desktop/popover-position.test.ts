import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { popoverPosition } from './popover-position.ts'

const workArea = { x: 0, y: 25, width: 1440, height: 875 }
const popover = { width: 340, height: 460 }

describe('popoverPosition', () => {
  it('hangs under the icon of a menu bar', () =>
    expect(popoverPosition({ x: 1000, y: 0, width: 20, height: 24 }, popover, workArea)).toEqual({ x: 840, y: 29 }))
  it('stands on a bar at the bottom', () => {
    expect(popoverPosition({ x: 700, y: 880, width: 20, height: 20 }, popover, { ...workArea, y: 0 })).toEqual({ x: 540, y: 411 })
  })
  it('takes the upper right corner where nothing is known', () =>
    expect(popoverPosition(null, popover, workArea)).toEqual({ x: 1096, y: 29 }))
  it('stays on the screen', () => {
    const coordinate = fc.integer({ min: -3000, max: 3000 })
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        const at = popoverPosition({ x, y, width: 22, height: 22 }, popover, workArea)
        expect(at.x).toBeGreaterThanOrEqual(workArea.x)
        expect(at.y).toBeGreaterThanOrEqual(workArea.y)
        expect(at.x + popover.width).toBeLessThanOrEqual(workArea.x + workArea.width)
        expect(at.y + popover.height).toBeLessThanOrEqual(workArea.y + workArea.height)
      }),
    )
  })
})
