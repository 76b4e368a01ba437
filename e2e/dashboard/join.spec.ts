import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Cluster, whenOneCluster } from '../cluster/lab/cluster.ts'
import type { ClusterNode } from '../cluster/lab/cluster-node.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { countClicks } from './count-clicks.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

const KEY = 'correct horse battery staple'

describe('joining clusters from the dashboard', () => {
  let cluster: Cluster
  let browser: OpenBrowser
  let own: ClusterNode
  let open: ClusterNode
  let keyed: ClusterNode
  let page: Page
  let keyedPage: Page | null = null

  beforeAll(async () => {
    cluster = await Cluster.create(3)
    const node = (host: number, ...flags: string[]): Promise<ClusterNode> =>
      cluster.start(host, { arguments: ['--no-default-model', ...flags] })
    ;[own, open, keyed] = await Promise.all([
      node(1),
      node(2, '--cluster', 'open desk'),
      node(3, '--cluster', 'private desk', '--cluster-key', KEY),
    ])
    browser = await openBrowser()
  })
  afterEach(async () => {
    await page?.close()
    await keyedPage?.close()
    keyedPage = null
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await browser?.close()
    await cluster?.close()
  })

  const openCluster = async (node: ClusterNode): Promise<Page> => browser.open(`${node.apiUrl}/dashboard/`, { route: 'cluster' })
  const membership = async (node: ClusterNode): Promise<{ clusterName: string }> => (await get(node.apiUrl, '/cluster')).body
  const isIn = (node: ClusterNode, clusterName: string) =>
    expect.poll(async () => (await membership(node)).clusterName, { timeout: 20_000 }).toBe(clusterName)
  const nearby = (name: string) => page.getByRole('listitem', { name, exact: true })
  const leave = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await expect.poll(async () => (await membership(own)).clusterName, { timeout: 20_000 }).toMatch(/^host1 \(\w{4}\)$/)
  }

  it('shows the clusters nearby with their machines, memory, and whether they need a key', async () => {
    page = await openCluster(own)
    await nearby('open desk').waitFor({ timeout: 20_000 })
    await nearby('private desk').waitFor({ timeout: 20_000 })
    expect(await nearby('open desk').innerText()).toMatch(/1 machine, [\d.]+ GiB · host2/)
    expect(await nearby('open desk').innerText()).not.toContain('needs a key')
    expect(await nearby('private desk').innerText()).toMatch(/needs a key[\s\S]*host3/)
  })

  it('joins an open cluster with two clicks from the chat, and leaves it', async () => {
    page = await browser.open(`${own.apiUrl}/dashboard/`)
    const clicks = await countClicks(page)
    await page.getByRole('link', { name: 'Cluster', exact: true }).click()
    const startedMs = performance.now()
    await nearby('open desk').getByRole('button', { name: 'Join' }).click()
    await isIn(own, 'open desk')
    await whenOneCluster([own, open])
    reportFigure('from the click to one cluster', (performance.now() - startedMs) / 1000, 's')
    await page.getByText('2 machines in “open desk”').waitFor()
    reportFigure('clicks to a second machine', await clicks(), 'clicks')
    expect(await clicks()).toBe(2)
    await leave()
    await whenOneCluster([open])
  })

  it('says what is wrong with a key, and joins with the right one', async () => {
    page = await openCluster(own)
    const row = nearby('private desk')
    await row.getByRole('button', { name: 'Join' }).click()
    await row.getByLabel('Cluster key').fill('wrong')
    await page.keyboard.press('Enter')
    await row.getByText('Wrong cluster key.').waitFor({ timeout: 20_000 })
    expect((await membership(own)).clusterName).not.toBe('private desk')
    await row.getByLabel('Cluster key').fill(KEY)
    await page.keyboard.press('Enter')
    await isIn(own, 'private desk')
    await whenOneCluster([own, keyed])
  })

  it('keeps the choice over a restart', async () => {
    expect(await own.stop()).toBe(0)
    own = await cluster.start(1, { arguments: ['--no-default-model'] })
    await isIn(own, 'private desk')
    await whenOneCluster([own, keyed])
    page = await openCluster(own)
    await page.getByText('2 machines in “private desk”').waitFor()
    await leave()
  })

  it('joins by six digits that both people confirm, and not when they differ', async () => {
    page = await openCluster(own)
    keyedPage = await openCluster(keyed)
    const startPairing = async (): Promise<string> => {
      const row = nearby('private desk')
      if ((await row.getByLabel('Cluster key').count()) === 0)
        await row.getByRole('button', { name: 'Join', exact: true }).click({ timeout: 20_000 })
      await row.getByRole('button', { name: 'Compare six digits on both screens' }).click()
      const digits = await page.locator('.digits').innerText({ timeout: 20_000 })
      expect(await keyedPage?.locator('.digits').innerText({ timeout: 20_000 })).toBe(digits)
      return digits
    }
    const first = await startPairing()
    await keyedPage.getByRole('button', { name: 'Codes don’t match' }).click()
    await page.getByText('The code was not confirmed on the other machine.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await membership(own)).clusterName).not.toBe('private desk')

    expect(await startPairing()).not.toBe(first)
    await page.getByRole('button', { name: 'Codes match' }).click()
    await page.getByText('Now confirm on host3.').waitFor()
    expect((await membership(own)).clusterName).not.toBe('private desk')
    await keyedPage.getByRole('button', { name: 'Codes match' }).click()
    await keyedPage.getByText('host1 joined.').waitFor()
    await isIn(own, 'private desk')
    await whenOneCluster([own, keyed])
    await page.getByText('2 machines in “private desk”').waitFor()
  })

  it('shows no key to anybody: the state, the membership and the settings of the page are without it', async () => {
    const told = JSON.stringify([(await get(own.apiUrl, '/state')).body, await membership(own), (await get(keyed.apiUrl, '/cluster')).body])
    expect(told).not.toContain(KEY)
    const { status } = await post(own.apiUrl, '/cluster/pairing/confirm', {})
    expect(status).toBe(409)
  })

  it('had no error on any page', () => {
    // The wrong key is refused with a status that the browser logs.
    expect(browser.problems.filter((problem) => !problem.includes('status of 403'))).toEqual([])
  })
})
