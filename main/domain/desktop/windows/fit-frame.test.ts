import { expect, it } from 'vitest'
import { fitFrame } from './fit-frame.ts'

const screen = { x: 0, y: 25, width: 1440, height: 875 }
const frame = (x: number, y: number) => ({ x, y, width: 700, height: 600 })

it('B30: a window opens where it was closed, if that is still on a screen', () => {
  expect(fitFrame(frame(100, 100), [screen])).toEqual(frame(100, 100))
  expect(fitFrame(frame(1360, 100), [screen])).toEqual(frame(1360, 100))
  expect(fitFrame(frame(1500, 100), [{ x: 1440, y: 0, width: 1920, height: 1080 }, screen])).toEqual(frame(1500, 100))
})

it.each([frame(1400, 100), frame(-690, 100), frame(100, 0), frame(100, 850), null])(
  'B30: otherwise it opens as if for the first time: %j',
  (kept) => expect(fitFrame(kept, [screen])).toBeNull(),
)
