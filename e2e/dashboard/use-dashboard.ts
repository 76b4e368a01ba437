import { afterAll, afterEach, beforeAll } from 'vitest'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

/** One node and one browser for all tests of a `describe`; each test's pages are closed at its end. */
export function useDashboard(use: (opened: { readonly node: RunningExo; readonly browser: OpenBrowser }) => void): void {
  let node: RunningExo | undefined
  let browser: OpenBrowser | undefined
  beforeAll(async () => {
    node = await startExo()
    browser = await openBrowser()
    use({ node, browser })
  })
  afterEach(async () => {
    // A browser without any page ends: its own first one stays.
    for (const page of browser?.context.pages().slice(1) ?? []) await page.close()
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
  })
}
