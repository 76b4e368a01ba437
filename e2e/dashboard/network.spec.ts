import AxeBuilder from '@axe-core/playwright'
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

/** The folder for pictures; without it, none are taken. */
const picturesDir = process.env['EXO_PICTURES']
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe('F18: a node that serves on the network by a switch', () => {
  let node: RunningExo
  let browser: OpenBrowser

  let dataDir = ''

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'exo-network-'))
    const options = { dataDir, arguments: ['--no-default-model'], awaitModel: false }
    const first = await startExo(options)
    await post(first.apiUrl, '/settings', { isOnNetwork: true })
    await first.stop()
    node = await startExo(options)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await node?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it.skipIf(ownAddress === undefined)('asks others for a token and this machine for none; a phone brings one by its code', async () => {
    const outside = `http://${ownAddress}:${new URL(node.apiUrl).port}`
    expect(new URL(node.apiUrl).hostname).toBe('127.0.0.1')
    expect((await fetch(`${node.apiUrl}/state`)).status).toBe(200)
    expect((await fetch(`${outside}/state`)).status).toBe(401)

    const page = await browser.open(node.dashboardUrl, { route: 'connect' })
    await page.getByText(outside, { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Connect a phone' }).click()
    const link = await page.getByRole('dialog').locator('code').innerText()
    await page.getByRole('dialog').getByRole('img', { name: 'Link with token' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(200)
      if (picturesDir !== undefined) await page.screenshot({ path: join(picturesDir, `phone-${colorScheme}.png`) })
      expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([])
    }
    await page.keyboard.press('Escape')
    if (picturesDir !== undefined) await page.screenshot({ path: join(picturesDir, 'network.png') })

    const phone = await browser.context.newPage()
    await phone.setViewportSize({ width: 390, height: 844 })
    await phone.goto(link.replace(/^http:\/\/[^/]+/, outside))
    await phone.getByText('Connected').first().waitFor({ state: 'attached' })
    expect(phone.url()).not.toContain('token')
    // It can be kept as an app: the browser takes the manifest and its icons, which come without the token.
    const developer = await browser.context.newCDPSession(phone)
    const manifest = await developer.send('Page.getAppManifest')
    expect([manifest.errors, JSON.parse(manifest.data ?? '{}')]).toMatchObject([[], { name: 'exo', display: 'standalone' }])
    for (const { src } of JSON.parse(manifest.data ?? '{}').icons)
      expect((await fetch(outside + src)).headers.get('content-type')).toBe('image/png')
    // Browsers install pages of this machine, and those of others over https.
    const { installabilityErrors } = await (await browser.context.newCDPSession(page)).send('Page.getInstallabilityErrors')
    expect(installabilityErrors).toEqual([])
    await page.getByRole('button', { name: /^Revoke phone-/ }).click()
    await expect.poll(() => page.getByRole('button', { name: /^Revoke/ }).count()).toBe(0)
    expect((await fetch(`${outside}/state`, { headers: { authorization: `Bearer ${link.split('token=')[1]}` } })).status).toBe(401)
  })

  it('had no error on any page', () => {
    // A node on the network has no certificate, so the browser ignores one of the page's headers.
    const isExpected = (problem: string): boolean => /status of 401|Cross-Origin-Opener-Policy/.test(problem)
    expect(browser.problems.filter((problem) => !isExpected(problem))).toEqual([])
  })
})
