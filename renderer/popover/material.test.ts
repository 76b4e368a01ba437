// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest'
import css from './popover.css?raw'

const call = vi.fn(() => new Promise(() => undefined))

afterEach(() => {
  vi.resetModules()
  vi.unstubAllGlobals()
})

it.each([
  ['MacIntel', 'transparent'],
  ['Linux x86_64', 'white'],
])('B28: on %s the popover has a background that is %s', async (platform, background) => {
  document.head.innerHTML = `<style>:root { --page: white }\n${css}</style>`
  document.body.innerHTML = '<div id="root"></div><div class="popover"></div>'
  vi.stubGlobal('exoShell', { call, onState: () => () => undefined })
  vi.spyOn(navigator, 'platform', 'get').mockReturnValue(platform)
  await import('./main.tsx')
  const popover = document.querySelector('.popover')
  expect(popover && getComputedStyle(popover).background).toBe(background)
})
