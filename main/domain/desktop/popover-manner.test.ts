import { expect, it } from 'vitest'
import { popoverManner } from './popover-manner.ts'

it('F02 the popover comes up over apps in full screen, as a panel on every space', () => {
  expect(popoverManner('darwin')).toMatchObject({
    options: { type: 'panel' },
    spaces: { visibleOnFullScreen: true, skipTransformProcessType: true },
  })
  expect(popoverManner('linux')).toEqual({ options: {}, spaces: null })
})
