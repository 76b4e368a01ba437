import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cluster, whenOneCluster } from '../cluster/lab/cluster.ts'
import type { ClusterNode } from '../cluster/lab/cluster-node.ts'
import { openBrowser, type OpenBrowser } from './open-dashboard.ts'

const LIMIT = { timeout: 60_000 }
/** The folder for pictures of the banner; without it, none are taken. */
const picturesDir = process.env['EXO_PICTURES']

describe('A2: who gets in, in the dashboard', { timeout: 300_000 }, () => {
  let cluster: Cluster
  let browser: OpenBrowser
  let studio: ClusterNode
  let late: ClusterNode

  beforeAll(async () => {
    cluster = await Cluster.create(3)
    studio = await cluster.start(1, { arguments: ['--no-default-model'], env: { EXO_RESTARTED: '1' } })
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await browser?.close()
    await cluster?.close()
  })

  const start = (host: number, ...flags: string[]): Promise<ClusterNode> =>
    cluster.start(host, { arguments: ['--no-default-model', ...flags] })
  const openCluster = (node: ClusterNode): Promise<Page> => browser.open(`${node.apiUrl}/dashboard/`, { route: 'cluster' })
  const banner = (page: Page) => page.getByRole('region', { name: 'Machines that want to join' })
  const note = (page: Page, text: string) => banner(page).locator('.newcomer').filter({ hasText: text })
  const picture = async (page: Page, name: string): Promise<void> => {
    if (picturesDir !== undefined) await page.screenshot({ path: join(picturesDir, `${name}.png`) })
  }

  it('names a machine that wants to join, with its fingerprint, and admits it by one click', async () => {
    const page = await openCluster(studio)
    late = await start(2)
    await note(page, 'host2 wants to join').waitFor(LIMIT)
    expect(await note(page, 'host2 wants to join').innerText()).toMatch(/Fingerprint (\w{4}-){3}\w{4}/)
    await picture(page, 'wants-to-join')
    await note(page, 'host2 wants to join').getByRole('button', { name: 'Admit' }).click()
    await whenOneCluster([studio, late], 60_000)
    await note(page, 'host2 wants to join').waitFor({ ...LIMIT, state: 'detached' })
    await page.getByText('2 machines in “default”').waitFor(LIMIT)
    await picture(page, 'admitted')
    await page.close()
  })

  it('tells the machine that was let in by whom, and one step takes it back', async () => {
    const page = await openCluster(late)
    const told = note(page, 'host1 admitted this machine to “default”')
    await told.waitFor(LIMIT)
    await picture(page, 'let-in')
    await page.setViewportSize({ width: 360, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await picture(page, 'let-in-narrow')
    await told.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/Just this machine, in “host2/).waitFor(LIMIT)
    expect(await banner(page).count()).toBe(0)
    await page.close()
  })

  it('shows the cluster nearby, which takes a machine that it remembers back by one click there', async () => {
    const page = await openCluster(late)
    const row = page.getByRole('listitem', { name: 'default', exact: true })
    await row.waitFor(LIMIT)
    expect(await row.innerText()).toMatch(/1 machine, [\d.]+ GiB · host1/)
    await picture(page, 'nearby')
    await row.getByRole('button', { name: 'Join' }).click()
    await whenOneCluster([studio, late], 60_000)
    await page.close()
  })

  it('turns a machine away permanently', async () => {
    const page = await openCluster(studio)
    await start(3, '--admit-window', '0')
    await note(page, 'host3 wants to join').waitFor(LIMIT)
    await note(page, 'host3 wants to join').getByRole('button', { name: 'Refuse' }).click()
    await note(page, 'host3 wants to join').waitFor({ ...LIMIT, state: 'detached' })
    await whenOneCluster([studio, late], 60_000)
    await page.close()
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
