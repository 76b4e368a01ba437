import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalHub, startLocalHub } from '../harness/local-hub.ts'
import { get } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

const MODEL = 'test/on-the-hub'

describe('models of the hub, in the dashboard', () => {
  let models: SharedModels
  let hub: LocalHub
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page
  let row: Locator
  /** The progress of the bar, from 0 to 1. */
  const ratio = async (): Promise<number> => Number(await row.getByRole('progressbar').getAttribute('value'))
  const downloads = async (): Promise<any[]> => (await get(node.apiUrl, '/state')).body.downloads

  beforeAll(async () => {
    models = await shareModels()
    hub = await startLocalHub({ modelDir: join(models.modelsDir, models.model), modelId: MODEL })
    node = await startExo({ arguments: ['--no-default-model'], awaitModel: false, env: hub.environment(join(hub.folder, 'cache')) })
    browser = await openBrowser()
    page = await browser.open(node.dashboardUrl, { route: 'models' })
    row = page.getByRole('listitem', { name: 'on-the-hub', exact: true })
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    await hub?.close()
    await models?.remove()
  })

  it('come with their progress, rest while they are paused, and go on where they were', async () => {
    await hub.setFaults({ bytesPerSecond: 10_000_000 })
    await page.getByRole('textbox', { name: 'Name on Hugging Face' }).fill(MODEL)
    await page.keyboard.press('Enter')
    await row.getByText('Downloading to').waitFor()
    await expect.poll(ratio, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0.05)
    expect(await row.innerText()).toMatch(/from Hugging Face[\s\S]*[\d.]+ MB of [\d.]+ MB/)
    await row.getByRole('button', { name: 'Pause' }).click()
    await row.getByText('Paused on').waitFor()
    await expect.poll(async () => (await downloads())[0]?.status).toBe('paused')
    await page.waitForTimeout(1_000) // lets updates in flight arrive
    const paused = await ratio()
    await page.waitForTimeout(1_500)
    expect(await ratio()).toBe(paused)
    expect(paused).toBeLessThan(1)
    await row.getByRole('button', { name: 'Resume' }).click()
    await row.getByText('Downloading to').waitFor()
    await expect.poll(ratio, { timeout: 30_000, interval: 50 }).toBeGreaterThan(paused)
  })

  it('can be given up on their way', async () => {
    await row.getByRole('button', { name: 'Cancel' }).click()
    await row.waitFor({ state: 'detached' })
    expect(await downloads()).toEqual([])
  })

  it('that come wrong say why, and wait to go on', async () => {
    await hub.setFaults({ bytesPerSecond: 0, corruptPath: 'model.safetensors' })
    await page.getByRole('textbox', { name: 'Name on Hugging Face' }).fill(MODEL)
    await page.getByRole('button', { name: 'Download' }).last().click()
    await row.getByText('Failed on').waitFor({ timeout: 60_000 })
    expect(await row.getByRole('alert').innerText()).toContain('checksum')
    await hub.setFaults({ corruptPath: '' })
    await row.getByRole('button', { name: 'Resume' }).click()
    await row.getByText('On this machine').waitFor({ timeout: 60_000 })
    expect(await row.getByRole('progressbar').count()).toBe(0)
  })

  it('are deleted when that is confirmed', async () => {
    await row.getByRole('button', { name: 'Delete on-the-hub' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await row.getByText('On this machine').count()).toBe(1)
    await row.getByRole('button', { name: 'Delete on-the-hub' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await row.waitFor({ state: 'detached' })
    expect((await get(node.apiUrl, '/models')).body.models).toEqual([])
  })

  it('that are nowhere are told', async () => {
    await page.getByRole('textbox', { name: 'Name on Hugging Face' }).fill('test/no-such-model')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'no-such-model' }).first().waitFor({ timeout: 30_000 })
  })

  it('had no error on any page but that refusal', () => {
    expect(browser.problems.filter((problem) => !problem.includes('status of 404'))).toEqual([])
  })
})
