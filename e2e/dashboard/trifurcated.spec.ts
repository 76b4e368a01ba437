import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { macLayouts } from '../../main/domain/mac/__fixtures__/mac-layouts.ts'
import { MacDesk } from '../thunderbolt/mac-desk.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { askInChat, chooseModel, closeSettings, openBrowser, type OpenBrowser, settle } from './open-dashboard.ts'

const QUESTION = 'What is the capital of France?'
const OF_ALL = ['Draft', 'Main', 'Reviewer']

describe('an answer of three models, in the chat', () => {
  let models: SharedModels
  let desk: MacDesk
  let browser: OpenBrowser
  let page: Page

  beforeAll(async () => {
    models = await shareModels()
    // The same weights under another name count as a separate model.
    await cp(join(models.modelsDir, 'local', 'smollm2'), join(models.modelsDir, 'local', 'other'), { recursive: true })
    browser = await openBrowser()
  })
  afterEach(async () => {
    await page?.close()
    await desk?.stop()
  })
  afterAll(async () => {
    await browser?.close()
    await models?.remove()
  })

  /** Turns the mode on for this conversation and asks. */
  async function askThree(draftBy?: string): Promise<void> {
    await page.getByRole('button', { name: 'Chat settings' }).click()
    await page.getByRole('switch', { name: 'Ask three models' }).click()
    expect(await page.getByLabel('Draft model').inputValue()).toBe('')
    expect(await page.getByLabel('Review model').inputValue()).toBe('')
    if (draftBy !== undefined) await page.getByLabel('Draft model').selectOption(draftBy)
    await closeSettings(page)
  }
  const groups = async (): Promise<string[]> =>
    (await page.getByRole('list', { name: 'Where the three models run' }).getByRole('listitem').allInnerTexts()).sort()

  it('shows the draft of the model that was chosen, then the answer, then the verdict, and that one machine runs all three', async () => {
    desk = await MacDesk.start(macLayouts['four Macs, full mesh'].slice(0, 1), { modelsDir: models.modelsDir })
    page = await browser.open(desk.nodes[0]?.dashboardUrl ?? '')
    await chooseModel(page, models.model)
    await settle(page, 24)
    await askThree('local/other')
    const asked = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/chats'))
    await askInChat(page, QUESTION)
    expect((await asked).postDataJSON()).toMatchObject({
      modelId: models.model,
      settings: { isTrifurcated: true, draftModelId: 'local/other', validatorModelId: null },
    })
    const parts = await page.getByRole('article', { name: 'Assistant' }).locator(':scope > *').allInnerTexts()
    expect(parts.slice(0, 3)).toEqual([
      expect.stringMatching(/^Draft other\s+\S/),
      expect.stringContaining('Paris'),
      expect.stringMatching(/^Verdict\s*(Safe|Flagged|Unclear)\s+\S/),
    ])
    const shown = await groups()
    expect(shown.map((line) => line.split(' ')[0])).toEqual(OF_ALL)
    expect(shown[0]).toContain('other')
    for (const line of shown) expect(line).toContain('shares machines with')

    // It is stored with the conversation.
    await page.reload()
    await expect.poll(groups).toEqual(shown) // machine names load with the view
  })

  it('says of each that it runs on separate machines where there are enough', async () => {
    desk = await MacDesk.start(macLayouts['four Macs, full mesh'].slice(0, 3), { modelsDir: models.modelsDir })
    page = await browser.open(desk.nodes[0]?.dashboardUrl ?? '')
    await chooseModel(page, models.model)
    await settle(page, 24)
    await askThree()
    await askInChat(page, QUESTION)
    const shown = await groups()
    expect(shown.map((line) => line.split(' ')[0])).toEqual(OF_ALL)
    for (const line of shown) expect(line).toContain('on separate machines')
    expect(new Set(shown.map((line) => /· (\S+),/.exec(line)?.[1])).size).toBe(3)
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
