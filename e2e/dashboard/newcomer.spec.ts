import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalHub, startLocalHub } from '../harness/local-hub.ts'
import { freePort } from '../../main/platform/network/free-ports.ts'
import { get } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { shareModels, type SharedModels } from '../thunderbolt/shared-models.ts'
import { countClicks } from './count-clicks.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

describe('the clicks of a newcomer', () => {
  let models: SharedModels
  let hub: LocalHub | undefined
  let hubPort = 0
  let node: RunningExo
  let browser: OpenBrowser

  beforeAll(async () => {
    models = await shareModels()
    hubPort = await freePort()
    const env = { HF_ENDPOINT: `http://127.0.0.1:${hubPort}`, HF_HUB_CACHE: join(models.modelsDir, 'cache'), NO_PROXY: '127.0.0.1' }
    node = await startExo({ env })
  })
  afterEach(async () => {
    await browser?.close()
  })
  afterAll(async () => {
    await node?.stop()
    await hub?.close()
    await models?.remove()
  })

  /** Opens the dashboard as for the first time. */
  async function arrive() {
    browser = await openBrowser()
    const page = await browser.open(node.dashboardUrl, { isIntroduced: false })
    return { page, clicks: await countClicks(page) }
  }

  it('to a first chat: one', async () => {
    const { page, clicks } = await arrive()
    await page.getByRole('button', { name: 'Start chatting' }).click()
    await page.keyboard.type('What is the capital of France?')
    await page.getByRole('button', { name: 'Send', disabled: false }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'Assistant' }).getByText('Paris').first().waitFor({ timeout: 60_000 })
    reportFigure('clicks to a first chat', await clicks(), 'clicks')
    expect(await clicks()).toBe(1)
  })

  it('to a model that fits: two', async () => {
    const { page, clicks } = await arrive()
    await page.getByRole('link', { name: 'Choose a model' }).click()
    const fitting = page
      .getByRole('listitem')
      .filter({ hasText: /Fits in/ })
      .filter({ has: page.getByRole('button', { name: /^Get · / }) })
      .first()
    const modelId = (await fitting.locator('.model-name p').innerText()).split(' · ')[0] ?? ''
    hub = await startLocalHub({ modelDir: join(models.modelsDir, models.model), modelId, port: hubPort })
    await hub.setFaults({ bytesPerSecond: 2_000_000 })
    await fitting.getByRole('button', { name: /^Get · / }).click()
    await page.getByRole('region', { name: 'Downloads' }).getByText('Downloading').waitFor()
    reportFigure('clicks to a model that fits', await clicks(), 'clicks')
    expect(await clicks()).toBe(2)
    const [download] = (await get(node.apiUrl, '/state')).body.downloads
    expect(download).toMatchObject({ modelId })
    await fetch(`${node.apiUrl}/models/download/${encodeURIComponent(download.id)}`, { method: 'DELETE' })
  })

  it('to Claude Code: two', async () => {
    const { page, clicks } = await arrive()
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('link', { name: 'Connect a tool' }).click()
    await page.getByRole('button', { name: 'Copy exo launch claude', exact: true }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('exo launch claude')
    reportFigure('clicks to the command that starts Claude Code', await clicks(), 'clicks')
    expect(await clicks()).toBe(2)
  })
})
