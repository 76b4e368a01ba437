import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { post } from '../node/call-api.ts'
import { projectDir } from '../node/run-exo.ts'
import { MacDesk } from '../thunderbolt/mac-desk.ts'
import { shareModels } from '../thunderbolt/shared-models.ts'
import { askInChat, openBrowser, settle } from './open-dashboard.ts'
import { viewRoutes } from './view-routes.ts'

/** Takes a picture of every view for four Macs with a loaded model, light and dark, into `assets/screenshots`. */
const folder = join(projectDir, 'assets', 'screenshots')
const QUESTION = 'What is the capital of France?'

const models = await shareModels()
const desk = await MacDesk.start(macLayouts['four Macs, full mesh'], { modelsDir: models.modelsDir })
const browser = await openBrowser()
try {
  await mkdir(folder, { recursive: true })
  const url = desk.nodes[0]?.dashboardUrl ?? ''
  const placed = await post(desk.apiUrl, '/place_instance', { model_id: models.model, backend: 'ring', sharding: 'pipeline', min_nodes: 2 })
  if (placed.status !== 200) throw new Error(JSON.stringify(placed.body))
  await desk.when('the model is ready', ({ instances }) => Object.values(instances).some(({ status }) => status === 'ready'), 90_000)

  const introduction = await browser.open(url, { isIntroduced: false })
  await take(introduction, 'first-run')
  await introduction.close()

  const page = await browser.open(url)
  await settle(page, 160)
  await askInChat(page, QUESTION)
  await askInChat(page, 'Write a Python function that adds two numbers, with an example.')
  for (const route of viewRoutes) {
    await page.goto(`${url}#/${route}`)
    await page.locator(`main[data-route=${route}]`).waitFor()
    if (route === 'chat') await page.locator('.conversations').getByText(QUESTION).first().click()
    if (route === 'cluster') await dismissNewcomers(page)
    await page.waitForTimeout(1_500)
    await take(page, route)
  }
} finally {
  await browser.close()
  await desk.stop()
  await models.remove()
}

/** Each machine that has joined is announced until somebody has read it. */
async function dismissNewcomers(page: Page): Promise<void> {
  const dismiss = page.getByRole('button', { name: 'It’s mine' })
  await dismiss
    .first()
    .waitFor({ timeout: 10_000 })
    .catch(() => undefined) // they may have been read before
  while ((await dismiss.count()) > 0) await dismiss.first().click()
}

async function take(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 1200, height: 760 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(300)
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
  }
}
