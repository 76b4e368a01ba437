import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalHub, startLocalHub } from '../harness/local-hub.ts'
import { get } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { askInChat, modelPicker, openBrowser, type OpenBrowser, settle } from './open-dashboard.ts'

const MODEL = 'test/on-the-hub'

describe('models of the hub, in the dashboard', () => {
  let models: SharedModels
  let hub: LocalHub
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page
  /** Of the table of downloads. */
  let row: Locator
  let model: Locator
  const search = (): Locator => page.getByRole('searchbox', { name: 'Search models' })
  /** The progress of the bar, from 0 to 1. */
  const ratio = async (): Promise<number> => Number(await row.getByRole('progressbar').getAttribute('value'))
  const downloads = async (): Promise<any[]> => (await get(node.apiUrl, '/state')).body.downloads

  beforeAll(async () => {
    models = await shareModels()
    hub = await startLocalHub({ modelDir: join(models.modelsDir, models.model), modelId: MODEL })
    node = await startExo({ arguments: ['--no-default-model'], awaitModel: false, env: hub.environment(join(hub.folder, 'cache')) })
    browser = await openBrowser()
    page = await browser.open(node.dashboardUrl, { route: 'models' })
    row = page.getByRole('row', { name: 'on-the-hub', exact: true })
    model = page.getByRole('listitem', { name: 'on-the-hub', exact: true })
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    await hub?.close()
    await models?.remove()
  })

  it('B12, B33: are found by a pasted link, and their progress is shown in one table above', async () => {
    await hub.setFaults({ bytesPerSecond: 10_000_000 })
    await search().fill(`https://huggingface.co/${MODEL}/tree/main`)
    await page.getByRole('listitem', { name: 'on-the-hub', exact: true }).getByRole('button', { name: 'Download' }).click()
    await row.getByText('Downloading').waitFor()
    expect(((await row.boundingBox())?.y ?? Infinity) < 800).toBe(true)
    await expect.poll(ratio, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0.05)
    expect(await row.innerText()).toMatch(/[\d.]+ MB of [\d.]+ MB · from Hugging Face/)
    await row.getByText(/MB\/s/).waitFor()
    await row.getByRole('button', { name: 'Pause' }).click()
    await row.getByText('Paused').waitFor()
    await expect.poll(async () => (await downloads())[0]?.status).toBe('paused')
    await page.waitForTimeout(1_000) // lets updates in flight arrive
    const paused = await ratio()
    await page.waitForTimeout(1_500)
    expect(await ratio()).toBe(paused)
    expect(paused).toBeLessThan(1)
    await row.getByRole('button', { name: 'Resume' }).click()
    await row.getByText('Downloading').waitFor()
    await expect.poll(ratio, { timeout: 30_000, interval: 50 }).toBeGreaterThan(paused)
  })

  it('B13: stand in a panel that holds all its parts, apart from the list below, at any width', async () => {
    const panel = page.getByRole('region', { name: 'Downloads' })
    for (const width of [1280, 980, 390]) {
      await page.setViewportSize({ width, height: 844 })
      const outer = await panel.boundingBox()
      const [left, right, bottom] = [outer?.x ?? 0, (outer?.x ?? 0) + (outer?.width ?? 0), (outer?.y ?? 0) + (outer?.height ?? 0)]
      for (const part of [panel.getByRole('heading'), row.getByRole('rowheader'), row.getByRole('button', { name: 'Cancel' })]) {
        const inner = await part.boundingBox()
        expect([width, (inner?.x ?? 0) - left >= 12, right - (inner?.x ?? 0) - (inner?.width ?? 0) >= 12]).toEqual([width, true, true])
        expect(bottom - (inner?.y ?? 0) - (inner?.height ?? 0)).toBeGreaterThanOrEqual(8)
      }
      const below = await page.locator('.panel:has(> .panel-head) ~ *').first().boundingBox()
      expect((below?.y ?? 0) - bottom).toBeGreaterThanOrEqual(8)
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it('B22: are told in a chat without a model, whose box stays at the bottom', async () => {
    const chat = await browser.open(node.dashboardUrl)
    await chat.getByText(/^Downloading on-the-hub, \d+%\. You can chat/).waitFor()
    const box = await chat.getByRole('textbox', { name: 'Message' }).boundingBox()
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeGreaterThan(700)
    await chat.close()
  })

  it('can be given up on their way', async () => {
    await row.getByRole('button', { name: 'Cancel' }).click()
    await row.waitFor({ state: 'detached' })
    expect(await downloads()).toEqual([])
  })

  it('are found by words, with what they need; that come wrong say why, and wait to go on', async () => {
    await hub.setFaults({ bytesPerSecond: 0, corruptPath: 'model.safetensors' })
    await search().fill('the-hub')
    await model.getByText('Fits in').waitFor()
    await model.getByRole('button', { name: 'Download · 100 MB' }).click()
    await row.getByText('Failed').waitFor({ timeout: 60_000 })
    expect(await page.getByRole('alert').innerText()).toContain('checksum')
    await hub.setFaults({ corruptPath: '' })
    await row.getByRole('button', { name: 'Resume' }).click()
    await model.getByText('Downloaded').waitFor({ timeout: 60_000 })
    expect(await row.count()).toBe(0)
  })

  it('have settings of their own, which the node keeps', async () => {
    await model.getByRole('button', { name: 'Actions for on-the-hub' }).click()
    await page.getByRole('menuitem', { name: 'Settings…' }).click()
    await page.getByLabel('Temperature').fill('0.3')
    await page.getByLabel('Context length').selectOption('4K')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await get(node.apiUrl, '/models/settings')).body.settings).toEqual({ [MODEL]: { temperature: 0.3, context_tokens: 4096 } })
  })

  it('B45: are loaded with the context that was chosen, at the price that was shown, which is the one that the chat tells', async () => {
    await model.getByRole('button', { name: 'Actions for on-the-hub' }).click()
    await page.getByRole('menuitem', { name: 'Choose placement…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio').first().waitFor()
    await dialog.getByLabel('Context length').selectOption('2K')
    await dialog.getByText(/MiB of memory for a full chat/).waitFor()
    await dialog.getByRole('button', { name: 'Load' }).click()
    await model.getByText('2K of 8K context').waitFor({ timeout: 60_000 })
    await model.getByRole('button', { name: 'Chat', exact: true }).click()
    await modelPicker(page).getByText('on-the-hub', { exact: true }).waitFor()
    await settle(page, 8)
    await askInChat(page, 'Say yes.')
    await page.getByText(/of 2K context$/).waitFor()
    await page.getByRole('textbox', { name: 'Message' }).fill('word '.repeat(2_500))
    await page.getByRole('button', { name: 'Send', disabled: false }).click()
    const refusal = await page.getByText(/^Couldn’t answer:/).innerText()
    expect(refusal).toMatch(/2048/)
    expect(refusal).not.toMatch(/8192/)
    await page.goto(`${node.dashboardUrl}#/models`)
    await search().fill('the-hub')
    await model.getByRole('button', { name: 'Actions for on-the-hub' }).click()
    await page.getByRole('menuitem', { name: 'Unload' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Unload' }).click()
    await model.getByRole('button', { name: 'Load', exact: true }).waitFor()
  })

  it('are deleted when that is confirmed', async () => {
    const askToDelete = async (): Promise<void> => {
      await model.getByRole('button', { name: 'Actions for on-the-hub' }).click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
    }
    await askToDelete()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await model.getByText('Downloaded').count()).toBe(1)
    await askToDelete()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await model.getByText('Downloaded').waitFor({ state: 'detached' })
    expect((await get(node.apiUrl, '/models')).body.models).toEqual([])
  })

  it('that are nowhere are told', async () => {
    await search().fill('test/no-such-model')
    await page.getByRole('listitem', { name: 'no-such-model' }).getByRole('button', { name: 'Download' }).click()
    await page.getByRole('alert').filter({ hasText: 'no-such-model' }).first().waitFor({ timeout: 30_000 })
  })

  it('B19: the placement of a model of the catalogue is previewed without a network', async () => {
    await hub.setFaults({ failTimes: 1000, failStatus: 503 })
    await search().fill('qwen3-0.6b')
    const qwen = page.getByRole('listitem', { name: 'Qwen3-0.6B', exact: true })
    await qwen.getByRole('button', { name: 'Actions for Qwen3-0.6B' }).click()
    await page.getByRole('menuitem', { name: 'Choose placement…' }).click()
    await page.getByRole('dialog').getByRole('radio').first().waitFor({ timeout: 5_000 })
    await page.keyboard.press('Escape')
    await hub.setFaults({ failTimes: 0 })
  })

  it('had no error on any page but that refusal', () => {
    expect(browser.problems.filter((problem) => !/status of (404|502|503)/.test(problem))).toEqual([])
  })
})
