import { describe, expect, it } from 'vitest'
import { iconPlace, type Display } from './icon-place.ts'
import { popoverPosition } from './popover-position.ts'

const laptop: Display = { bounds: { x: 0, y: 0, width: 1728, height: 1117 }, workArea: { x: 0, y: 33, width: 1728, height: 1084 } }
const above: Display = {
  bounds: { x: -200, y: -1440, width: 2560, height: 1440 },
  workArea: { x: -200, y: -1415, width: 2560, height: 1415 },
}
const hidden: Display = { bounds: laptop.bounds, workArea: laptop.bounds }

describe('F01 the place of the icon in the menu bar', () => {
  it.each([
    ['below the screen, as macOS 26 says of a hidden one', { x: 0, y: 1117, width: 32, height: 22 }],
    ['without height', { x: 1200, y: 0, width: 32, height: 0 }],
    ['without width', { x: 1200, y: 0, width: 0, height: 22 }],
    ['in the middle', { x: 800, y: 500, width: 32, height: 22 }],
    ['beside all screens', { x: 5000, y: 0, width: 32, height: 22 }],
    ['above the screen', { x: 100, y: -30, width: 32, height: 22 }],
  ])('is not known %s: the popover goes to the upper right', (_, bounds) => {
    expect(iconPlace(bounds, [laptop], 'darwin')).toBeNull()
    expect(popoverPosition(iconPlace(bounds, [laptop], 'darwin'), { width: 340, height: 420 }, laptop.workArea)).toEqual({ x: 1384, y: 37 })
  })

  it.each([
    ['of the laptop', { x: 1200, y: 0, width: 32, height: 33 }, [laptop]],
    ['with a gap above', { x: 1200, y: 5, width: 32, height: 24 }, [laptop]],
    ['of a screen above the laptop', { x: 2000, y: -1440, width: 32, height: 25 }, [laptop, above]],
    ['that hides itself', { x: 1200, y: 0, width: 32, height: 24 }, [hidden]],
  ])('is known in the bar %s', (_, bounds, displays) => expect(iconPlace(bounds, displays, 'darwin')).toEqual(bounds))

  it('is what other systems say, whose bars are anywhere', () => {
    const bounds = { x: 10, y: 1090, width: 24, height: 24 }
    expect(iconPlace(bounds, [laptop], 'linux')).toEqual(bounds)
    expect(iconPlace({ ...bounds, width: 0 }, [laptop], 'linux')).toBeNull()
  })
})
