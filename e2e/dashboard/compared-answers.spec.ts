import AxeBuilder from '@axe-core/playwright'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { get } from '../node/call-api.ts'
import { MacDesk } from '../thunderbolt/mac-desk.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { chooseModel, modelPicker, openBrowser, type OpenBrowser, settle } from './open-dashboard.ts'

/** The folder for pictures; without it, none are taken. */
const picturesDir = process.env['EXO_PICTURES']

describe('F23: two models side by side', () => {
  let models: SharedModels
  let desk: MacDesk
  let browser: OpenBrowser
  let page: Page

  beforeAll(async () => {
    models = await shareModels()
    // The same weights under another name count as a separate model.
    await cp(join(models.modelsDir, 'local', 'smollm2'), join(models.modelsDir, 'local', 'other'), { recursive: true })
    desk = await MacDesk.start(macLayouts['four Macs, full mesh'].slice(0, 1), { modelsDir: models.modelsDir })
    browser = await openBrowser()
    page = await browser.open(desk.nodes[0]?.dashboardUrl ?? '')
  })
  afterAll(async () => {
    await browser?.close()
    await desk?.stop()
    await models?.remove()
  })

  async function expectAccessible(name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(200)
      if (picturesDir !== undefined) await page.screenshot({ path: join(picturesDir, `${name}-${colorScheme}.png`) })
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    }
  }
  const compared = (): Locator => page.getByRole('region', { name: 'Answers to compare' })
  const columns = (): Locator => compared().getByRole('article', { name: 'Assistant', includeHidden: true })

  it('asks both models, shows each answer in its own column, and continues from the one that is kept', async () => {
    await chooseModel(page, models.model)
    await settle(page, 24)
    await page.getByRole('button', { name: 'Compare with another model' }).click()
    await chooseModel(page, 'local/other', 'Model to compare with')
    await page.getByRole('textbox', { name: 'Message' }).fill('What is the capital of France?')
    await page.keyboard.press('Enter')
    await compared().waitFor()
    for (const index of [0, 1]) await columns().nth(index).getByText(/Paris/).waitFor({ timeout: 90_000 })
    const keep = compared().getByRole('button', { name: 'Keep this answer' })
    await expect
      .poll(() => keep.evaluateAll((buttons: any[]) => buttons.every(({ disabled }) => !disabled)), { timeout: 60_000 })
      .toBe(true)
    expect(await compared().getByRole('heading').allTextContents()).toEqual(['smollm2', 'other'])
    const places = await Promise.all([0, 1].map((index) => columns().nth(index).boundingBox()))
    expect(places[1]?.y).toBe(places[0]?.y)
    expect((places[0]?.x ?? 0) + (places[0]?.width ?? 0)).toBeLessThan(places[1]?.x ?? 0)
    for (const index of [0, 1]) expect(await columns().nth(index).innerText()).toMatch(/tok\/s/)
    expect(await page.getByText('Keep one of the answers to go on').count()).toBe(1)
    await expectAccessible('compared')

    await page.setViewportSize({ width: 390, height: 844 })
    expect([await columns().nth(0).isVisible(), await columns().nth(1).isVisible()]).toEqual([true, false])
    await compared().getByRole('button', { name: 'other', exact: true }).press('Enter')
    expect([await columns().nth(0).isVisible(), await columns().nth(1).isVisible()]).toEqual([false, true])
    await expectAccessible('compared-narrow')

    await page.reload()
    await compared().waitFor()
    await page.setViewportSize({ width: 1280, height: 800 })
    await keep.nth(1).press('Enter')
    await compared().waitFor({ state: 'detached' })
    await page.getByRole('article', { name: 'Assistant' }).getByText('2/2').waitFor()
    await modelPicker(page).getByText('other', { exact: true }).waitFor()
    await page.getByRole('textbox', { name: 'Message' }).fill('And of Spain?')
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'Assistant' }).nth(1).getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 60_000 })
    const { messages } = (await get(desk.apiUrl, `/chats/${page.url().split('/').at(-1)}`)).body
    const [, first, other, next] = messages
    expect([first.modelId, other.modelId, next.parentId, other.besideId]).toEqual([models.model, 'local/other', other.id, null])
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
