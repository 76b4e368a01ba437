import { expect, it } from 'vitest'
import { windowManner } from './window-manner.ts'

it('a Mac shows the buttons of a window on its page; other systems keep their title bar', () => {
  expect(windowManner('darwin')).toMatchObject({ titleBarStyle: 'hiddenInset' })
  expect(windowManner('linux')).toEqual({})
})
