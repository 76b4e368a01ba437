import { afterAll, afterEach, beforeAll } from 'vitest'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

/** Provides one node and one browser for all tests of a `describe`, and closes each test's pages at its end. */
export function useDashboard(use: (opened: { readonly node: RunningExo; readonly browser: OpenBrowser }) => void): void {
  let node: RunningExo | undefined
  let browser: OpenBrowser | undefined
  beforeAll(async () => {
    node = await startExo()
    browser = await openBrowser()
    use({ node, browser })
  })
  afterEach(async () => {
    // A browser without pages exits, so its first page stays open.
    for (const page of browser?.context.pages().slice(1) ?? []) await page.close()
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
  })
}
