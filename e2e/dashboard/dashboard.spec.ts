import AxeBuilder from '@axe-core/playwright'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { gzipSync } from 'node:zlib'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { projectDir } from '../node/run-exo.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { answerWith, askInChat, type OpenBrowser, settle } from './open-dashboard.ts'
import { useDashboard } from './use-dashboard.ts'
import { viewRoutes } from './view-routes.ts'

/** Leaves room below the 250 kB that a slow network takes well. */
const MOST_GZIPPED_BYTES = 220_000

describe('the dashboard of a node with the default model', () => {
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page

  useDashboard((opened) => void ({ node, browser } = opened))

  it('is small enough to load at once', () => {
    const folder = join(projectDir, 'dist', 'renderer')
    const scripts = [...readFileSync(join(folder, 'index.html'), 'utf8').matchAll(/(?:src|href)="[^"]*\/(assets\/[^"]+\.js)"/g)]
    expect(scripts.length).toBeGreaterThan(0)
    const bytes = scripts.reduce((sum, [, file = '']) => sum + gzipSync(readFileSync(join(folder, file))).length, 0)
    reportFigure('JavaScript before the first chat, gzipped', bytes / 1000, 'kB')
    expect(bytes).toBeLessThan(MOST_GZIPPED_BYTES)
  })

  it('explains itself in four steps, once, each with the way to it', async () => {
    page = await browser.open(node.dashboardUrl, { isIntroduced: false })
    const introduction = page.getByRole('dialog', { name: 'Welcome to exo' })
    expect(await introduction.getByRole('listitem').count()).toBe(4)
    expect(await introduction.getByRole('link').allInnerTexts()).toEqual(['Add a machine', 'Choose a model', 'Connect a tool'])
    expect(await introduction.innerText()).toContain(`${new URL(node.apiUrl).host}/v1`)
    await page.keyboard.press('Enter')
    await introduction.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
    expect(await introduction.count()).toBe(0)
  })

  it('streams an answer, tells how fast it came, and keeps it', async () => {
    page = await browser.open(node.dashboardUrl)
    await settle(page)
    const answer = await askInChat(page, 'What is the capital of France?')
    expect(answer).toContain('Paris')
    expect(answer).toMatch(/[\d.]+ tok\/s/)
    expect(answer).toMatch(/first token in \d[\d.]* (ms|s)/)
    await page.reload()
    await expect.poll(() => page.getByRole('article', { name: 'Assistant' }).innerText()).toContain('Paris')
    await page.getByRole('button', { name: 'Where the time went' }).click()
    const time = await page.getByRole('region', { name: 'Where the time went' }).innerText()
    expect(time).toMatch(/Waiting[\s\S]*Reading \d+ tokens[\s\S]*tok\/s[\s\S]*Writing \d+ tokens[\s\S]*tok\/s[\s\S]*SmolLM2/)
  })

  it('stops an answer by Esc, answers again, and asks something else instead', async () => {
    page = await browser.open(node.dashboardUrl)
    await settle(page, 1_000)
    await page.getByRole('textbox', { name: 'Message' }).fill('Write a long story about a dragon.')
    await page.keyboard.press('Enter')
    const answer = page.getByRole('article', { name: 'Assistant' })
    await expect.poll(async () => (await answer.innerText()).length, { timeout: 60_000 }).toBeGreaterThan(40)
    await page.keyboard.press('Escape')
    await answer.getByText('Stopped', { exact: true }).waitFor()
    const stoppedAt = (await answer.innerText()).length
    await page.waitForTimeout(700)
    expect((await answer.innerText()).length).toBe(stoppedAt)

    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('textbox', { name: 'Edit' }).fill('What is the capital of France?')
    await page.keyboard.press('Enter')
    await expect.poll(() => answer.innerText(), { timeout: 60_000 }).toContain('Paris')
    const asked = page.waitForRequest(/\/chats\/[^/]+\/answers$/)
    await page.getByRole('button', { name: 'Regenerate' }).click({ timeout: 60_000 })
    expect(Object.keys((await asked).postDataJSON())).toEqual(['questionId', 'modelId'])
    await page.getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 60_000 })
    await expect.poll(() => answer.innerText(), { timeout: 60_000 }).toContain('Paris')
    expect(await page.getByRole('article').count()).toBe(2)
  })

  it('never runs what stands in an answer', async () => {
    page = await browser.open(node.dashboardUrl)
    const hostile =
      '<script>window.wasRun = 1</script> <img src=x onerror="window.wasRun = 2">\n\n[press ' +
      'me](javascript:window.wasRun=3)\n\n<iframe srcdoc="<script>parent.wasRun=4</script>"></iframe>\n\n' +
      '```html\n<script>window.wasRun = 5</script>\n```'
    await answerWith(page, [hostile])
    const answer = await askInChat(page, 'Attack me')
    expect(answer).toContain('<script>window.wasRun = 1</script>')
    expect(answer).toContain('onerror=')
    const article = page.getByRole('article', { name: 'Assistant' })
    expect(await article.locator('script, iframe, img').count()).toBe(0)
    await article.getByText('press me').click()
    expect(await page.evaluate('window.wasRun')).toBeUndefined()
  })

  it('shows the node with its memory, and the layers of its model', async () => {
    page = await browser.open(node.dashboardUrl, { route: 'cluster' })
    const { body: state } = await get(node.apiUrl, '/state')
    const row = page.getByRole('row').filter({ hasText: state.nodes[state.nodeId].name })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/leader[\s\S]*this machine[\s\S]*GiB of [\d.]+ GiB used/)
    await page.getByRole('link', { name: 'Loaded models' }).click()
    await page.getByText('layers 0–29').waitFor()
  })

  it('has five places, and finds everything else by its name with the keyboard alone', async () => {
    page = await browser.open(node.dashboardUrl)
    const places = page.getByRole('navigation', { name: 'Places' })
    expect(await places.getByRole('list').getByRole('link').allInnerTexts()).toEqual(['Chat', 'Models', 'Cluster', 'Activity', 'Settings'])
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Search commands' })
    await palette.getByRole('combobox').fill('memory')
    await page.keyboard.press('Enter')
    await palette.waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Memory', level: 1 }).waitFor()
    expect(await places.getByRole('link', { name: 'Cluster' }).getAttribute('aria-current')).toBe('true')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+b')
    await page.getByRole('button', { name: 'Expand sidebar' }).waitFor()
    expect((await places.boundingBox())?.width).toBeLessThan(80)
    await page.keyboard.press('Control+b')
    await page.keyboard.press('Control+Shift+O')
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
  })

  it('unloads a model and loads it again, the way that was chosen', async () => {
    page = await browser.open(node.dashboardUrl, { route: 'models' })
    const row = page.getByRole('listitem', { name: /SmolLM2/ })
    const actions = row.getByRole('button', { name: /^Actions for/ })
    await row.getByText(/^Ready/).waitFor()
    await actions.click()
    await page.getByRole('menuitem', { name: 'Unload' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Unload' }).click()
    await row.getByRole('button', { name: 'Load', exact: true }).waitFor({ timeout: 30_000 })
    await actions.click()
    await page.getByRole('menuitem', { name: 'Choose placement…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: /1 machine/ }).waitFor()
    await dialog.getByText('Why are other options not available?').click()
    await dialog
      .getByText(/2 nodes were requested/)
      .first()
      .waitFor()
    await dialog.getByRole('button', { name: 'Load', exact: true }).click()
    await row.getByText(/^Ready/).waitFor({ timeout: 60_000 })
    await expect
      .poll(async () => Object.values((await get(node.apiUrl, '/state')).body.instances).map((instance: any) => instance.status))
      .toEqual(['ready'])
  })

  it('lists what was asked in the history, and how fast it was', async () => {
    page = await browser.open(node.dashboardUrl)
    await settle(page)
    await askInChat(page, 'Say yes.')
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByText('is ready').first().waitFor()
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('table').first().waitFor({ timeout: 30_000 })
    expect(await page.getByRole('main').innerText()).toMatch(/Average by model[\s\S]*SmolLM2-135M-Instruct-Q4/)
  })

  it('shows rates and first token as they are, and asks for the last hour again only when something was answered', async () => {
    page = await browser.open(node.dashboardUrl)
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/history?since=')) asked += 1
    })
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByRole('link', { name: 'Throughput' }).click()
    const models = page.getByRole('region', { name: 'By model, now' })
    await models.waitFor()
    // By then the page has reloaded the history because of the earlier answers.
    await page.waitForTimeout(12_000)
    const before = asked
    await page.waitForTimeout(12_000)
    expect(asked).toBe(before)
    const { body } = await get(node.apiUrl, '/v1/models')
    const model = body.data.find(({ loaded }: { loaded: boolean }) => loaded).id
    const answer = post(node.apiUrl, '/v1/completions', { model, prompt: 'Once', max_tokens: 300, ignore_eos: true })
    await expect
      .poll(() => models.getByRole('row').last().getByRole('cell').allInnerTexts(), { timeout: 20_000, interval: 100 })
      .toEqual([expect.stringMatching(/[1-9]/), expect.anything(), expect.stringMatching(/m?s$/), '1', '0'])
    expect((await answer).status).toBe(200)
    const first = page.locator('.figure').filter({ hasText: 'Time to first token' }).first()
    expect(await first.innerText()).toMatch(/\d (m?s)/)
    await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(before)
  })

  it('F22: shows the report of a problem, without names and addresses, before it is saved', async () => {
    page = await browser.open(node.dashboardUrl, { route: 'diagnostics' })
    await page.getByRole('button', { name: 'Report a problem…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('"checks"').waitFor({ timeout: 60_000 })
    const shown = await dialog.locator('pre').innerText()
    const { body: state } = await get(node.apiUrl, '/state')
    expect(Object.keys(JSON.parse(shown))).toEqual(['state', 'diagnostics', 'checks', 'log'])
    expect(shown).not.toContain(`"${state.nodes[state.nodeId].name}"`)
    expect(await dialog.getByRole('button', { name: 'Save' }).isEnabled()).toBe(true)
  })

  it('has nothing serious that axe finds, light or dark, wide or narrow', async () => {
    const found: string[] = []
    page = await browser.open(node.dashboardUrl)
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 420],
    ] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      for (const route of viewRoutes) {
        await page.goto(`${node.dashboardUrl}#/${route}`)
        await page.locator(`main[data-route=${route}]`).waitFor()
        await page.waitForTimeout(400)
        const { violations } = await new AxeBuilder({ page }).analyze()
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        if (await page.evaluate('document.documentElement.scrollHeight > innerHeight'))
          found.push(`${route} ${colorScheme}: the document scrolls, and not its content alone`)
        found.push(
          ...serious.map(({ id, nodes }) => `${route} ${colorScheme}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
        )
      }
    }
    expect(found).toEqual([])
  }, 300_000)

  it('says that the node is gone, and goes on by itself when it is back', async () => {
    const dataDir = join(node.dataDir, 'restarted')
    const { port } = new URL(node.apiUrl)
    const first = await startExo({ dataDir, arguments: ['--port', String(Number(port) + 1)] })
    page = await browser.open(first.dashboardUrl, { route: 'cluster' })
    await page.getByText('Connected', { exact: true }).waitFor()
    await first.stop()
    await page.getByText('Lost connection to exo.').waitFor()
    expect(await page.getByRole('heading', { name: 'Machines' }).count()).toBe(1)
    const second = await startExo({ dataDir, arguments: ['--port', String(Number(port) + 1)] })
    try {
      await page.getByText('Connected', { exact: true }).waitFor({ timeout: 20_000 })
      expect(await page.getByText('Lost connection to exo.').count()).toBe(0)
      await page.getByRole('link', { name: 'Chat' }).click()
      await settle(page)
      expect(await askInChat(page, 'What is the capital of France?')).toContain('Paris')
    } finally {
      await second.stop()
    }
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
