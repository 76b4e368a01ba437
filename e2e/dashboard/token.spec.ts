import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

const TOKEN = 'a-token-of-24-characters'

describe('B21: the API token in the dashboard', () => {
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page
  const field = () => page.getByLabel(/^Needed only if exo requires one/)
  const isFocused = (): Promise<boolean> => field().evaluate((input: any) => input.ownerDocument.activeElement === input)

  beforeAll(async () => {
    node = await startExo({ arguments: ['--no-default-model'], awaitModel: false, env: { EXO_API_TOKEN: TOKEN } })
    browser = await openBrowser()
    page = await browser.open(node.dashboardUrl, { route: 'chat' })
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
  })

  it('is asked for in words for people, and its field is the first thing in Settings', async () => {
    await page.getByText('Enter the API token to continue.').waitFor()
    expect(await page.locator('body').innerText()).not.toMatch(/Bearer|Authorization|401/)
    await page.getByRole('link', { name: 'Enter token' }).click()
    await field().waitFor()
    await expect.poll(isFocused).toBe(true)
    const box = await field().boundingBox()
    expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThan(800)
  })

  it('that is wrong is told so, and typed again', async () => {
    await page.keyboard.type('a-wrong-token')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('This token was not accepted. Check it and try again.').waitFor()
    expect(await page.locator('body').innerText()).not.toMatch(/Bearer|Authorization|401/)
    await expect.poll(isFocused).toBe(true)
  })

  it('that is right opens the dashboard', async () => {
    await page.keyboard.type(TOKEN)
    await page.keyboard.press('Enter')
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.getByText('Enter the API token to continue.').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('Connected', { exact: true }).waitFor()
  })

  it('had no error on any page but the refusals', () => {
    expect(browser.problems.filter((problem) => !/status of 401/.test(problem))).toEqual([])
  })
})
