import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { reportFigure } from '../node/report-figure.ts'
import { MacDesk } from '../thunderbolt/mac-desk.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { openBrowser, type OpenBrowser, settle } from './open-dashboard.ts'

const MOST_GONE_MS = 3_000

describe('the dashboard of a desk of four Macs', () => {
  let models: SharedModels
  let desk: MacDesk
  let browser: OpenBrowser
  let page: Page

  beforeAll(async () => {
    models = await shareModels()
    desk = await MacDesk.start(macLayouts['four Macs, full mesh'], { modelsDir: models.modelsDir })
    browser = await openBrowser()
  })
  afterEach(async () => {
    await page?.close()
  })
  afterAll(async () => {
    await browser?.close()
    await desk?.stop()
    await models?.remove()
  })

  const dashboard = (): string => desk.nodes[0]?.dashboardUrl ?? ''

  it('shows every Mac and cable, and the whole RDMA matrix', async () => {
    page = await browser.open(dashboard(), { route: 'rdma' })
    const matrix = page.getByRole('table', { name: 'RDMA devices between machines' })
    await expect.poll(() => matrix.getByRole('cell').filter({ hasText: 'rdma_en' }).count(), { timeout: 20_000 }).toBe(12)
    await page.getByText('All machines are connected by RDMA').waitFor()
    await page.getByRole('link', { name: 'Cluster' }).click()
    await page.getByText('4 machines in').waitFor()
    await page
      .getByRole('table')
      .last()
      .getByText(/Thunderbolt RDMA/)
      .first()
      .waitFor()
    expect(await page.getByRole('img', { name: /4 machines with 6 links/ }).count()).toBe(1)
  })

  it('names what is missing when a cable is pulled', async () => {
    page = await browser.open(dashboard(), { route: 'rdma' })
    await desk.replug(macLayouts['four Macs, ring'])
    await page.getByText('2 pairs aren’t connected by RDMA:').waitFor({ timeout: 30_000 })
    await desk.replug(macLayouts['four Macs, full mesh'])
    await page.getByText('All machines are connected by RDMA').waitFor({ timeout: 30_000 })
  })

  it('asks another Mac for a model, which says that it has it', async () => {
    page = await browser.open(dashboard(), { route: 'models' })
    await page
      .getByRole('button', { name: /^Actions for / })
      .first()
      .click()
    await page.getByRole('menuitem', { name: 'Download to' }).press('ArrowRight')
    await page.getByRole('menuitem', { name: 'studio-3' }).press('Enter')
    await page.getByText('studio-3 already has this model.').waitFor({ timeout: 30_000 })
  })

  it('fits a window as narrow as a phone', async () => {
    page = await browser.open(dashboard(), { route: 'cluster' })
    await page.setViewportSize({ width: 360, height: 640 })
    for (const number of [1, 2, 3, 4])
      await page
        .getByRole('row')
        .filter({ hasText: `studio-${number}` })
        .first()
        .waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })

  it('shows a Mac that dies no more within 3 s, and the chat goes on', async () => {
    page = await browser.open(dashboard())
    await settle(page, 1500)
    await page.getByRole('textbox', { name: 'Message' }).fill('Write a long story about a dragon.')
    await page.keyboard.press('Enter')
    const answer = page.getByRole('article', { name: 'Assistant' })
    await expect.poll(async () => (await answer.innerText()).length, { timeout: 90_000 }).toBeGreaterThan(40)
    const lengthThen = (await answer.innerText()).length
    const watcher = await browser.open(dashboard(), { route: 'cluster' })
    await watcher.getByText('4 machines in').waitFor()
    const victim = desk.nodes[3]
    process.kill(victim?.processId ?? 0, 'SIGKILL')
    const killedMs = performance.now()
    await watcher.getByText('3 machines in').waitFor()
    const goneMs = performance.now() - killedMs
    await watcher.close()
    reportFigure('a Mac that died is gone from the page', goneMs / 1000, 's')
    expect(goneMs).toBeLessThan(MOST_GONE_MS)
    await answer.getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 90_000 })
    expect((await answer.innerText()).length).toBeGreaterThan(lengthThen)
    expect(await page.getByText(/Couldn’t answer:|Answer interrupted:/).count()).toBe(0)
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
