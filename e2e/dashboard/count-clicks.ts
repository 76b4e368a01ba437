import type { Page } from 'playwright-core'

/** Counts the clicks of the mouse in a page from now on. @returns their number so far */
export async function countClicks(page: Page): Promise<() => Promise<number>> {
  const count = (): void => void (clicks += 1)
  let clicks = 0
  await page.exposeFunction('countClick', count)
  // A click by the keyboard has no detail.
  const listen = 'addEventListener("click", (event) => { if (event.isTrusted && event.detail > 0) window.countClick() }, true)'
  await page.addInitScript(listen)
  await page.evaluate(listen)
  return async () => {
    await page.evaluate('0') // by its answer, earlier calls have arrived
    return clicks
  }
}
