import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Locator, type Page } from 'playwright-core'

/** Debian's chromium by default; CHROMIUM overrides it. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Without internet access, a browser that contacts its vendor's servers is slow. */
const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface OpenBrowser {
  /** Unexpected errors of the pages, including violations of their content security policy. */
  readonly problems: string[]
  readonly context: BrowserContext
  /** Opens the dashboard, past the introduction by default. */
  open(dashboardUrl: string, options?: { readonly isIntroduced?: boolean; readonly route?: string }): Promise<Page>
  close(): Promise<void>
}

/** Starts Debian's chromium with an empty profile, as for a first visit to the dashboard. */
export async function openBrowser(): Promise<OpenBrowser> {
  const profileDir = await mkdtemp(join(tmpdir(), 'exo-chromium-'))
  const context = await chromium.launchPersistentContext(profileDir, {
    executablePath,
    headless: true,
    args: browserArguments,
    viewport: { width: 1280, height: 800 },
  })
  const problems: string[] = []
  context.on('weberror', (error) => problems.push(String(error.error().stack)))
  context.on('console', (message) => {
    // A test stops the node on purpose, so network errors are expected.
    if (message.type() === 'error' && !/net::ERR_|WebSocket connection/.test(message.text())) problems.push(message.text())
  })
  return {
    problems,
    context,
    async open(dashboardUrl, { isIntroduced = true, route = 'chat' } = {}) {
      const page = await context.newPage()
      await page.goto(`${dashboardUrl}#/${route}`)
      const start = page.getByRole('button', { name: 'Start chatting' })
      if (isIntroduced && (await page.evaluate('localStorage.getItem("exo.settings")?.includes(\'"isIntroduced":true\') !== true')))
        await start.click()
      return page
    },
    async close() {
      await context.close()
      await rm(profileDir, { recursive: true, force: true })
    },
  }
}

/** The button that names the model of the chat and opens the list of models. */
export const modelPicker = (page: Page, label = 'Model'): Locator => page.getByRole('button', { name: new RegExp(`^${label}:`) })

/** Chooses a model for the chat. */
export async function chooseModel(page: Page, modelId: string, label = 'Model'): Promise<void> {
  await modelPicker(page, label).click()
  await page.getByRole('combobox', { name: 'Search your models' }).fill(modelId)
  await page.keyboard.press('Enter')
  await modelPicker(page, label)
    .getByText(modelId.split('/').at(-1) ?? modelId, { exact: true })
    .waitFor()
}

/** Makes answers deterministic and at most `maxTokens` long. */
export async function settle(page: Page, maxTokens = 48): Promise<void> {
  await page.getByRole('button', { name: 'Chat settings' }).click()
  await page.getByRole('switch', { name: 'Customize Temperature' }).click()
  await page.getByRole('slider', { name: 'Temperature' }).press('Home')
  await page.getByLabel('Max response tokens').fill(String(maxTokens))
  await closeSettings(page)
}

/** Closes the chat's settings and waits until their button has the focus again: a key pressed before that reopens them. */
export async function closeSettings(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Chat settings' }).and(page.locator(':focus')).waitFor()
}

/** Asks in the chat and waits for the end of the answer. @returns its text */
export async function askInChat(page: Page, question: string): Promise<string> {
  await page.getByRole('textbox', { name: 'Message' }).fill(question)
  // Enter does nothing before the page knows a model, and while an answer arrives.
  await page.getByRole('button', { name: 'Send', disabled: false }).waitFor()
  const answers = page.getByRole('article', { name: 'Assistant' })
  const earlier = await answers.count()
  await page.keyboard.press('Enter')
  await answers.nth(earlier).waitFor()
  const answer = answers.last()
  await answer.getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 90_000 })
  return answer.innerText()
}

/** Replaces the texts of the page's next answers. The node's own answers stay short. */
export async function answerWith(page: Page, texts: readonly string[]): Promise<void> {
  await page.route(/\/chats\/(?!presets$)[^/]+$/, async (route) => {
    if (route.request().method() !== 'GET') return route.fallback()
    const response = await route.fetch()
    const chat = await response.json()
    const messages = chat.messages.map((message: { role: string }) =>
      message.role === 'assistant' ? { ...message, content: texts.join(''), status: 'complete' } : message,
    )
    await route.fulfill({ response, json: { ...chat, messages } })
  })
  await page.route(/\/chats\/[^/]+\/messages\/[^/]+\/stream$/, async (route) => {
    const [, id = '', messageId = ''] = /chats\/([^/]+)\/messages\/([^/]+)/.exec(route.request().url()) ?? []
    const message = { id: messageId, parentId: id, role: 'assistant', content: '', reasoning: '', status: 'streaming', error: null }
    const whole = { ...message, modelId: 'm', atMs: 1, stats: null, ways: null }
    const events = [
      { type: 'message', message: whole },
      ...texts.map((content) => ({ type: 'more', content, reasoning: '', draft: '' })),
      { type: 'message', message: { ...whole, content: texts.join(''), status: 'complete' } },
    ]
    await route.fulfill({ contentType: 'text/event-stream', body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') })
  })
}
