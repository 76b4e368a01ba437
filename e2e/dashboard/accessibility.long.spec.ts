import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { RunningExo } from '../node/start-exo.ts'
import { reportFigure } from '../node/report-figure.ts'
import { askInChat, modelPicker, type OpenBrowser, settle } from './open-dashboard.ts'
import { useDashboard } from './use-dashboard.ts'
import { viewRoutes } from './view-routes.ts'

const WIDTHS = [390, 980, 1280, 1920]
const LOOKS = [
  { colorScheme: 'light', forcedColors: 'none', reducedMotion: 'no-preference' },
  { colorScheme: 'dark', forcedColors: 'none', reducedMotion: 'reduce' },
  { colorScheme: 'dark', forcedColors: 'active', reducedMotion: 'reduce' },
] as const

/** Dialogs, each with the way to it from its view. */
const DIALOGS: readonly (readonly [name: string, route: string, open: (page: Page) => Promise<void>])[] = [
  ['commands', 'chat', (page) => page.keyboard.press('Control+k')],
  ['shortcuts', 'cluster', (page) => page.keyboard.press('?')],
  ['chat settings', 'chat', (page) => page.getByRole('button', { name: 'Chat settings' }).click()],
  [
    'placement',
    'models',
    async (page) => {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click()
      await page.getByRole('menuitem', { name: /placement|elsewhere/ }).click()
    },
  ],
  [
    'settings of a model',
    'models',
    async (page) => {
      await page
        .getByRole('button', { name: /^Actions for SmolLM2/ })
        .first()
        .click()
      await page.getByRole('menuitem', { name: 'Settings…' }).click()
    },
  ],
  ['models of a chat', 'chat', (page) => modelPicker(page).click()],
  ['report of a problem', 'diagnostics', (page) => page.getByRole('button', { name: 'Report a problem…' }).click()],
  ['introduction', 'settings', (page) => page.getByRole('button', { name: 'Show the introduction again' }).click()],
  ['deletion of all chats', 'settings', (page) => page.getByRole('button', { name: 'Delete all…' }).click()],
]

describe('accessibility of the whole dashboard', () => {
  let node: RunningExo
  let browser: OpenBrowser
  let page: Page
  useDashboard((opened) => void ({ node, browser } = opened))

  const violations = async (where: string): Promise<string[]> =>
    (await new AxeBuilder({ page }).analyze()).violations.map(
      ({ id, nodes }) => `${where}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    )

  async function eachLook(check: (where: string) => Promise<void>): Promise<void> {
    for (const look of LOOKS)
      for (const width of WIDTHS) {
        await page.emulateMedia(look)
        await page.setViewportSize({ width, height: 844 })
        await check(`${look.forcedColors === 'active' ? 'forced colours' : look.colorScheme}, ${width} px`)
      }
  }

  it('axe finds nothing on any view, at four widths, light, dark and with forced colours, and nothing is cut at the side', async () => {
    page = await browser.open(node.dashboardUrl)
    await settle(page, 16)
    await askInChat(page, 'What is the capital of France?')
    const chat = page.url()
    const found: string[] = []
    let checked = 0
    for (const route of viewRoutes) {
      await page.goto(route === 'chat' ? chat : `${node.dashboardUrl}#/${route}`)
      await page.locator(`main[data-route=${route}]`).waitFor()
      await page.waitForTimeout(400)
      await eachLook(async (where) => {
        checked += 1
        found.push(...(await violations(`${route}, ${where}`)))
        const isCut = await page.evaluate('document.querySelector("main").scrollWidth > document.querySelector("main").clientWidth + 1')
        if (isCut === true) found.push(`${route}, ${where}: wider than the window`)
      })
    }
    reportFigure('views checked with axe', checked, 'pages')
    expect(found).toEqual([])
  }, 900_000)

  it('axe finds nothing in any dialog, and Escape closes each', async () => {
    page = await browser.open(node.dashboardUrl)
    const found: string[] = []
    for (const [name, route, open] of DIALOGS) {
      await page.emulateMedia(LOOKS[0])
      await page.setViewportSize({ width: 1280, height: 844 })
      await page.goto(`${node.dashboardUrl}#/${route}`)
      await page.locator(`main[data-route=${route}]`).waitFor()
      await page.waitForTimeout(600)
      await open(page)
      const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'))
      await dialog.waitFor()
      await eachLook(async (where) => void found.push(...(await violations(`${name}, ${where}`))))
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
    }
    expect(found).toEqual([])
  }, 900_000)

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
