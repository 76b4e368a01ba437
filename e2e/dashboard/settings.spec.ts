import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

describe('the settings in the dashboard', () => {
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page
  const kept = async (): Promise<any> => JSON.parse(await readFile(join(node.dataDir, 'settings.json'), 'utf8')).machine
  const field = (name: string) => page.getByRole('textbox', { name })
  const save = () => page.getByRole('button', { name: 'Save', exact: true })

  beforeAll(async () => {
    node = await startExo({ arguments: ['--no-default-model'], awaitModel: false })
    browser = await openBrowser()
    page = await browser.open(node.dashboardUrl, { route: 'settings' })
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
  })

  it('B20: keep what is set of the machine in its own unit, over a reload too, and say when it applies', async () => {
    await field('API port').fill('8123')
    await field('Memory limit for models').fill('48GiB')
    await save().click()
    await expect.poll(async () => (await kept())?.port).toBe(8123)
    await page.getByText('Saved. Restart exo to apply.').waitFor()
    await page.reload()
    await expect.poll(() => field('API port').inputValue()).toBe('8123')
    expect(await field('Memory limit for models').inputValue()).toBe('48 GiB')
    expect(await kept()).toEqual({ port: 8123, peerPort: null, maxMemoryBytes: 48 * 2 ** 30, isOnNetwork: null, modelCacheDir: null })
  })

  it.each([
    ['API port', '99999', 'Enter a port between'],
    ['Peer port', 'http', 'Enter a port between'],
    ['Memory limit for models', 'a lot', 'Enter a size with a unit'],
  ])('refuse in %s what is none: %s', async (name, text, message) => {
    await field(name).fill(text)
    await page.getByRole('alert').getByText(message).waitFor()
    expect(await save().isDisabled()).toBe(true)
    await page.reload()
    expect(await kept()).toMatchObject({ port: 8123, maxMemoryBytes: 48 * 2 ** 30 })
  })

  it('show why the node refuses a folder, and keep what stands in the form', async () => {
    await field('Model folder').fill('models')
    await save().click()
    await page.getByRole('alert').getByText('Enter an absolute path, starting with /.').waitFor()
    expect(await field('Model folder').inputValue()).toBe('models')
    expect((await kept()).modelCacheDir).toBeNull()
  })

  it('speak German too, or the language of the system', async () => {
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByRole('heading', { name: 'Einstellungen', level: 1 }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  })

  it('of the page outlive a reload', async () => {
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.reload()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    expect(await page.getByRole('button', { name: 'Dark' }).getAttribute('aria-pressed')).toBe('true')
  })

  it('had no error on any page but the refusal', () => {
    expect(browser.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([])
  })
})
