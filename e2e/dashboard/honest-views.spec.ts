import { describe, expect, it } from 'vitest'
import { get } from '../node/call-api.ts'
import type { RunningExo } from '../node/start-exo.ts'
import { linkedHall } from './linked-hall.ts'
import { startFedDashboard } from './fed-dashboard.ts'
import { askInChat, type OpenBrowser, settle } from './open-dashboard.ts'
import { useDashboard } from './use-dashboard.ts'

interface Rectangle {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const overlap = (a: Rectangle, b: Rectangle): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

describe('views that show what is so', () => {
  let node: RunningExo
  let browser: OpenBrowser

  useDashboard((opened) => void ({ node, browser } = opened))

  it('B24: an answer of the node that the page cannot read is told in one sentence', async () => {
    const page = await browser.open(node.dashboardUrl, { route: 'models' })
    for (const path of ['/models/catalogue', '/history'])
      await page.route(
        ({ pathname }) => pathname === path,
        (route) => route.fulfill({ json: { models: [{ name: 'of another version' }], inferences: {} } }),
      )
    for (const route of ['models', 'history']) {
      await page.goto(`${node.dashboardUrl}?${route}#/${route}`)
      await page.getByRole('alert').getByText('This page does not understand the answer of the node. Reload the page.').first().waitFor()
      expect(await page.getByRole('main').innerText()).not.toMatch(/invalid_|"code"|expected/)
    }
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })

  it('B25: a cancelled request has no speed in the history, and is in no average', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 12)
    await askInChat(page, 'Say yes.')
    const { body } = await get(node.apiUrl, '/v1/models')
    const model = body.data.find(({ loaded }: { loaded: boolean }) => loaded).id
    const abort = new AbortController()
    const answer = await fetch(`${node.apiUrl}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, prompt: 'Once', max_tokens: 2_000, ignore_eos: true, stream: true }),
      signal: abort.signal,
    })
    await answer.body?.getReader().read()
    abort.abort()
    await page.goto(`${node.dashboardUrl}#/history`)
    const requests = page.getByRole('group', { name: 'Requests' })
    const cancelled = requests.getByRole('row').filter({ hasText: 'Cancelled' })
    await expect
      .poll(async () => (await page.reload(), await requests.getByRole('row').nth(1).innerText()), { timeout: 30_000, interval: 1_000 })
      .toContain('Cancelled')
    expect(await cancelled.getByRole('cell').nth(6).innerText()).not.toBe('0.0')
    const averages = page.getByRole('table').first().getByRole('row').nth(1)
    expect((await averages.getByRole('cell').allInnerTexts())[0] ?? '').toBe('1')
  })

  it.each([5, 8])('B17: no line strikes through a label of %i machines, and no label covers another', async (count) => {
    const dashboard = await startFedDashboard(node.apiUrl, linkedHall(count))
    try {
      const page = await browser.open(dashboard.dashboardUrl, { route: 'cluster' })
      await page.getByText(`${count} machines in “hall”`).waitFor()
      const picture = page.getByRole('img', { name: new RegExp(`^${count} machines with`) })
      const boxes = await picture.locator('.edge > rect, .node-frame').evaluateAll((elements: any[]) =>
        elements.map((element) => {
          const { left, right, top, bottom } = element.getBoundingClientRect()
          return { left, right, top, bottom }
        }),
      )
      expect(boxes.length).toBeGreaterThan(count)
      for (const [index, box] of boxes.entries())
        expect(
          boxes.slice(index + 1).filter((other: Rectangle) => overlap(box, other)),
          `box ${index}`,
        ).toEqual([])
      const drawn = await picture.evaluate((svg: any) =>
        [...svg.querySelectorAll('line, .edge > text, .node-frame')].map((element: any) => element.tagName),
      )
      expect(drawn.lastIndexOf('line')).toBeLessThan(Math.min(drawn.indexOf('text'), drawn.indexOf('rect')))
    } finally {
      await dashboard.close()
    }
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
