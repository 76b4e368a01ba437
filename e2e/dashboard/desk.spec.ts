import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { get, post } from '../node/call-api.ts'
import { workersOf } from '../node/processes.ts'
import { reportFigure } from '../node/report-figure.ts'
import { MacDesk } from '../thunderbolt/mac-desk.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { openBrowser, type OpenBrowser, settle } from './open-dashboard.ts'

const MOST_GONE_MS = 3_000

/** Keeps every text that parts of a page show from now on, however short. @returns all of them, joined */
async function recordTexts(page: Page, selector: string): Promise<() => Promise<string>> {
  await page.evaluate(`(() => {
    const seen = (window.seenTexts = new Set())
    const look = () => document.querySelectorAll('${selector}').forEach((part) => seen.add(part.textContent))
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
    look()
  })()`)
  return () => page.evaluate<string>('[...window.seenTexts].join("\\n")')
}

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

  /** Opens `page` on the chat, and asks. @returns the answer, which has begun */
  async function askForStory(subject: string): Promise<Locator> {
    page = await browser.open(dashboard())
    await settle(page, 1500)
    await page.getByRole('textbox', { name: 'Message' }).fill(`Write a long story about a ${subject}.`)
    await page.keyboard.press('Enter')
    const answer = page.getByRole('article', { name: 'Assistant' })
    await expect.poll(async () => (await answer.innerText()).length, { timeout: 90_000 }).toBeGreaterThan(40)
    return answer
  }

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

  it('B14, B15, B16: a Mac that hangs is named as offline, and the model as recovering, until the answer goes on', async () => {
    const placed = await post(desk.apiUrl, '/place_instance', {
      model_id: models.model,
      backend: 'ring',
      sharding: 'pipeline',
      min_nodes: 2,
    })
    expect(placed.status).toBe(200)
    const state = await desk.when('the model is ready', ({ instances }) =>
      Object.values(instances).some(({ status }) => status === 'ready'),
    )
    const names = Object.values(state.instances).flatMap(({ shards }) => shards.map(({ nodeId }) => state.nodes[nodeId]?.name ?? ''))
    const name = names.find((each) => each !== 'studio-1') ?? ''
    const hung = desk.nodes[Number(name.split('-')[1]) - 1]?.processId ?? 0

    const answer = await askForStory('lake')
    const [list, machines] = [await browser.open(dashboard(), { route: 'models' }), await browser.open(dashboard(), { route: 'cluster' })]
    await list
      .getByText(/^Ready/)
      .first()
      .waitFor()
    const [inChat, inList] = [await recordTexts(page, '.waiting, .model-picker'), await recordTexts(list, '.model .badge')]

    const stopped = [hung, ...workersOf(hung).map(({ processId }) => processId)]
    const lengthThen = (await answer.innerText()).length
    for (const processId of stopped) process.kill(processId, 'SIGSTOP')
    try {
      await machines.getByText(`${name} went offline`).waitFor({ timeout: 30_000 })
      const row = machines.getByRole('row').filter({ hasText: name })
      await row.getByText(/^Since /).waitFor()
      await expect.poll(async () => (await answer.innerText()).length, { timeout: 60_000 }).toBeGreaterThan(lengthThen + 40)
      expect(await inChat()).toMatch(/Recovering: loading the model again on studio-/)
      expect(await inChat()).toContain('(recovering)')
      expect(await inList()).toContain('Recovering')
      await list
        .getByText(/^Ready/)
        .first()
        .waitFor()
    } finally {
      for (const processId of stopped) process.kill(processId, 'SIGCONT')
    }
    await machines.getByText('4 machines in').waitFor({ timeout: 60_000 })
    await page
      .getByRole('button', { name: 'Stop' })
      .click({ timeout: 5_000 })
      .catch(() => undefined) // it may have ended
    for (const each of [list, machines]) await each.close()
    for (const id of Object.keys((await get(desk.apiUrl, '/state')).body.instances))
      await fetch(`${desk.apiUrl}/instance/${id}`, { method: 'DELETE' })
  }, 240_000)

  it('shows a Mac that dies no more within 3 s, and the chat goes on', async () => {
    const answer = await askForStory('dragon')
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
