import AxeBuilder from '@axe-core/playwright'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { pdfWith } from '../../main/shared/__fixtures__/pdf-with.ts'
import { get, post } from '../node/call-api.ts'
import { projectDir } from '../node/run-exo.ts'
import type { RunningExo } from '../node/start-exo.ts'
import { answerWith, askInChat, closeSettings, type OpenBrowser, settle } from './open-dashboard.ts'
import { useDashboard } from './use-dashboard.ts'

/** The folder for pictures; without it, none are taken. */
const picturesDir = process.env['EXO_PICTURES']
const answers = (page: Page): Locator => page.getByRole('article', { name: 'Assistant' })

/** Axe finds nothing in light and dark. */
async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(200)
    if (picturesDir !== undefined) await page.screenshot({ path: join(picturesDir, `${name}-${colorScheme}.png`) })
    const { violations } = await new AxeBuilder({ page: page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
  }
}

const FORMULAS = `The roots of \\(a x^2 + b x + c = 0\\) with $a \\neq 0$ are

$$
x_{1,2} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}
$$

- Euler: \\[ e^{i\\pi} + 1 = 0 \\]
- A wide one:

\\[
\\sum_{k=0}^{n} \\binom{n}{k} x^k y^{n-k} = (x+y)^n \\qquad \\begin{pmatrix} a_{11} & a_{12} \\\\ a_{21} & a_{22} \\end{pmatrix}
\\]

It costs $5, not $10, and \`$HOME\` is code.
`

const DIAGRAM = `Here is the way of a question:

\`\`\`mermaid
flowchart LR
  Q[Question] --> M{Which model?}
  M -->|small| S[studio-1]
  M -->|large| L["studio-1 and <b>studio-2</b>"]
  click S "https://evil.example/x" "go"
\`\`\`

\`\`\`mermaid
sequenceDiagram
  Alice->>Bob: Hello
\`\`\`

\`\`\`mermaid
flowchart LR
  A --> [
\`\`\`

\`\`\`mermaid
flowchart LR
  A --> B
`

describe('what a chat shows besides text', () => {
  let node: RunningExo
  let browser: OpenBrowser

  useDashboard((opened) => void ({ node, browser } = opened))

  it('B8, F6: sets formulas under the policy of the page, and copies them as TeX', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    await answerWith(page, [FORMULAS])
    await askInChat(page, 'How are quadratic equations solved?')
    await expect.poll(() => answers(page).locator('.katex').count()).toBe(5)
    expect(await answers(page).locator('.katex-display').count()).toBe(3)
    expect(
      await page.evaluate(
        `document.fonts.ready.then((fonts) =>
          [...fonts].some(({ family, status }) => family.includes('KaTeX_Main') && status === 'loaded'))`,
      ),
    ).toBe(true)
    await answers(page).getByText('It costs $5, not $10').waitFor()
    await page.evaluate(`
      addEventListener('copy', (event) => { document.body.dataset.copied = event.clipboardData.getData('text/plain') })
      getSelection().selectAllChildren(document.querySelector('.katex-display').parentElement)`)
    await page.keyboard.press('Control+c')
    const copied = await page.evaluate('document.body.dataset.copied')
    await page.evaluate('getSelection().removeAllRanges()')
    expect(copied).toContain('\\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}')
    await expectAccessible(page, 'formulas')
  })

  it('F6: draws diagrams, shows their source on demand, and shows one with an error or without an end as code', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await answerWith(page, [DIAGRAM])
    await askInChat(page, 'Draw it.')
    const drawn = answers(page).locator('.diagram img')
    await expect.poll(() => drawn.count(), { timeout: 30_000 }).toBe(2)
    await answers(page).getByText('This diagram has an error').waitFor()
    expect(await answers(page).locator('.code-block').count()).toBe(2)
    const sizes = await drawn.evaluateAll((images: any[]) => images.map(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]))
    for (const [width, height] of sizes) expect(Math.min(width, height)).toBeGreaterThan(20)
    const svg = decodeURIComponent((await drawn.first().getAttribute('src')) ?? '')
    expect(svg).toMatch(/Question.*Which.*model/)
    expect(svg).not.toMatch(/<script|evil\.example|onclick/)
    expect(requests.filter((url) => !url.startsWith(new URL(node.dashboardUrl).origin) && !url.startsWith('data:'))).toEqual([])
    await expectAccessible(page, 'diagrams')
    await answers(page).getByRole('button', { name: 'Source' }).first().click()
    await answers(page).getByText('flowchart LR').first().waitFor()
    await page.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(page, 'diagrams-narrow')
  })

  it('F21: shows the probability of each token, and answers again from one with another token, by keyboard too', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 12)
    const text = await askInChat(page, 'What is the capital of France?')
    const answer = answers(page).last()
    await answer.getByRole('button', { name: 'Token probabilities' }).click()
    const tokens = answer.getByRole('toolbar', { name: 'Tokens of the answer' })
    await tokens.getByRole('button').first().waitFor({ timeout: 60_000 })
    const shown = (await tokens.getByRole('button').allTextContents()).join('')
    expect(text.replace(/\s+/g, ' ')).toContain(shown.replace(/\s+/g, ' ').trim())
    const levels = await tokens.getByRole('button').evaluateAll((buttons: any[]) => buttons.map(({ dataset }) => Number(dataset.level)))
    expect(levels.filter((level) => level <= 2).length).toBeGreaterThan(levels.length / 2)
    await expectAccessible(page, 'heat-map')
    await tokens.getByRole('button').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Again from this token' }).waitFor()
    await expectAccessible(page, 'heat-map-alternatives')
    await page.keyboard.press('Escape')
    expect(
      await tokens
        .getByRole('button')
        .nth(1)
        .evaluate((button: any) => button === button.ownerDocument.activeElement),
    ).toBe(true)
    await page.keyboard.press('Enter')
    const first = (await tokens.getByRole('button').first().textContent()) ?? ''
    const other = page.getByRole('button', { name: /^Again from here with/ }).first()
    const chosen = (await other.locator('code').textContent())?.replaceAll('·', ' ').replaceAll('↵', '\n') ?? ''
    await other.press('Enter')
    await answer.getByText('2/2').waitFor({ timeout: 60_000 })
    await answer.getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 60_000 })
    const id = page.url().split('/').at(-1)
    const { messages } = (await get(node.apiUrl, `/chats/${id}`)).body
    expect(messages.at(-1).content.startsWith((first + chosen).trimEnd())).toBe(true)
  })

  it('F7: attaches files by button, drop and paste, and refuses by name what is not text', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    const chips = page.getByRole('list', { name: 'Attached files' })
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Attach files' }).click()
    await (await chooser).setFiles([
      { name: 'birds.csv', mimeType: 'text/csv', buffer: Buffer.from('heron,3\nstork,5\n') },
      { name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from(pdfWith(['Herons eat fish.'])) },
      { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 0]) },
    ])
    await chips.getByText('paper.pdf').waitFor()
    await page.getByText(/photo\.png is an image\. .+ reads only text\./).waitFor()
    await page.evaluate(`(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['def f(): pass'], 'code.py'))
      const pane = document.querySelector('.chat-pane')
      const options = { bubbles: true, cancelable: true }
      for (const type of ['dragover', 'drop']) pane.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, ...options }))
      const pasted = new DataTransfer()
      pasted.setData('text/plain', 'word '.repeat(2000))
      const paste = new ClipboardEvent('paste', { clipboardData: pasted, ...options })
      document.querySelector('.composer textarea').dispatchEvent(paste)
    })()`)
    await expect.poll(() => chips.getByRole('button', { name: /^Remove/ }).count()).toBe(4)
    await chips.getByRole('button', { name: 'Remove Pasted text.txt' }).click()
    await expectAccessible(page, 'attachments')
    await chips.getByRole('button', { name: /^paper\.pdf/ }).click()
    await page.getByRole('dialog').getByText('Herons eat fish.').waitFor()
    await expectAccessible(page, 'attachment-text')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await askInChat(page, 'Which birds are there?')
    await page.reload()
    const question = page.getByRole('article', { name: 'You' })
    await question.getByRole('button', { name: /^birds\.csv/ }).waitFor()
    const id = page.url().split('/').at(-1)
    const { attachments } = (await get(node.apiUrl, `/chats/${id}`)).body.messages[0]
    expect(attachments.map(({ name, text }: { name: string; text: string }) => [name, text.trim()])).toEqual([
      ['birds.csv', 'heron,3\nstork,5'],
      ['paper.pdf', 'Herons eat fish.'],
      ['code.py', 'def f(): pass'],
    ])
    expect(await chips.count()).toBe(1)
    await expectAccessible(page, 'attached')
    await page.setViewportSize({ width: 390, height: 844 })
    await expectAccessible(page, 'attached-narrow')
  })

  it('F12: asks for the variables of a prompt before it is sent, and sends code as it is', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    const field = page.getByRole('textbox', { name: 'Message' })
    await field.fill('Say {{word}} in {{language}}, not `{{code}}`.')
    await page.getByRole('button', { name: 'Send', disabled: false }).waitFor()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('word').waitFor()
    await expectAccessible(page, 'variables')
    expect(await dialog.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await field.inputValue()).toContain('{{word}}')
    await field.press('Enter')
    await dialog.getByLabel('word').fill('hello')
    await dialog.getByLabel('language').fill('French')
    await page.keyboard.press('Enter')
    await page.getByRole('article', { name: 'You' }).getByText('Say hello in French, not `{{code}}`.').waitFor()
    // This browser cannot recognize speech on this machine.
    expect(await page.getByRole('button', { name: 'Dictate' }).count()).toBe(0)
  })

  it('F12: keeps settings as presets on the node, and begins new chats with one', async () => {
    const page = await browser.open(node.dashboardUrl)
    await page.getByRole('button', { name: 'Chat settings' }).click()
    await page.getByLabel('System prompt').fill('Answer like a sailor.')
    await page.getByRole('button', { name: 'Save as preset…' }).click()
    await page.getByLabel('Name of the preset').fill('Sailor')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Use for new chats' }).click()
    await page.getByRole('button', { name: 'Use for new chats', pressed: true }).waitFor()
    await expectAccessible(page, 'presets')
    const other = await browser.open(node.dashboardUrl.replace('127.0.0.1', 'localhost'))
    await other.getByRole('button', { name: 'Chat settings' }).click()
    await expect.poll(() => other.getByLabel('System prompt').inputValue()).toBe('Answer like a sailor.')
    await other.getByLabel('Max response tokens').fill('8')
    await closeSettings(other)
    await askInChat(other, 'Who are you?')
    const id = other.url().split('/').at(-1)
    expect((await get(node.apiUrl, `/chats/${id}`)).body.settings).toMatchObject({ systemPrompt: 'Answer like a sailor.', maxTokens: 8 })
    await page.getByRole('button', { name: 'Delete' }).click()
    await expect.poll(async () => (await get(node.apiUrl, '/chats/presets')).body.presets).toEqual([])
  })

  it('B23, B40, B41: spaces what belongs together and apart, also at 390 px', async () => {
    const [question, answer] = ['question-0002', 'answer-0002']
    const content = [
      ...[2, 3, 4].map((level) => `${'#'.repeat(level)} Level ${level}`),
      'Plain text.',
      '<div>html\ntext</div>',
      'After it.',
      '- [x] done\n- [ ] open',
    ].join('\n\n')
    const messages = [
      { id: question, parentId: null, role: 'user', content: 'What broke?', atMs: 1 },
      {
        id: answer,
        parentId: question,
        role: 'assistant',
        content,
        status: 'failed',
        error: 'The machine left.',
        modelId: 'smollm2',
        atMs: 2,
      },
    ]
    const dated = { createdAtMs: 1, updatedAtMs: 2, modelId: 'smollm2', settings: {}, leafId: answer }
    await post(node.apiUrl, '/chats/import', { chats: [{ id: 'chat-with-a-break', title: 'Break', ...dated, messages }] })
    const page = await browser.open(node.dashboardUrl)
    await page.goto(`${node.dashboardUrl}#/chat/chat-with-a-break`)
    const box = async (locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> => {
      const place = await locator.boundingBox()
      if (!place) throw new Error('It has no place on the page.')
      return place
    }
    /** From the lower edge of one to the upper edge of the other, in pixels. */
    const gap = async (upper: Locator, lower: Locator): Promise<number> => {
      const [above, below] = [await box(upper), await box(lower)]
      return below.y - above.y - above.height
    }
    const note = answers(page).getByText('Answer interrupted: The machine left.')
    const tasks = answers(page).getByRole('list').first()
    expect(await gap(tasks, note)).toBeGreaterThanOrEqual(8)
    const html = answers(page).getByText('<div>html')
    expect(await gap(answers(page).getByText('Plain text.'), html)).toBeGreaterThanOrEqual(8)
    expect(await gap(html, answers(page).getByText('After it.'))).toBeGreaterThanOrEqual(8)
    const style = (locator: Locator): Promise<{ listStyleType: string; fontSize: string }> =>
      locator.evaluate((element: any) => {
        const { listStyleType, fontSize } = element.ownerDocument.defaultView.getComputedStyle(element)
        return { listStyleType, fontSize }
      })
    expect((await style(tasks)).listStyleType).toBe('none')
    const headings = await answers(page).getByRole('heading').all()
    const sizes = await Promise.all(headings.map(async (heading) => Number.parseFloat((await style(heading)).fontSize)))
    expect(sizes).toHaveLength(3)
    expect(sizes).toEqual([...new Set(sizes)].sort((one, other) => other - one))
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 })
      await page.getByRole('article', { name: 'You' }).hover()
      await page.getByRole('button', { name: 'Edit' }).click()
      const field = page.getByRole('textbox', { name: 'Edit' })
      const send = page.locator('.message-editor').getByRole('button', { name: 'Send' })
      expect(await gap(send, answers(page).getByRole('heading', { name: 'Level 2' }))).toBeGreaterThanOrEqual(8)
      expect(await gap(field, send)).toBeGreaterThanOrEqual(8)
      const [edited, thread] = [await box(field), await box(page.locator('.thread-content'))]
      expect(edited.x).toBeGreaterThanOrEqual(thread.x)
      expect(edited.x + edited.width).toBeLessThanOrEqual(thread.x + thread.width)
      expect(edited.width).toBeGreaterThan(300)
      await page.keyboard.press('Escape')
    }
  })

  it('runs a tool of an MCP server that the user allows, and answers again', async () => {
    const program = join(projectDir, 'main', 'mcp', '__fixtures__', 'tool-server.mjs')
    const mcpServers = { math: { command: process.execPath, args: [program] } }
    await writeFile(join(node.dataDir, 'mcp.json'), JSON.stringify({ mcpServers }))
    const call = { id: 'call-1', server: 'math', tool: 'add', argumentsJson: '{"a":2,"b":40}', state: 'asking' }
    const [question, answer] = ['question-0001', 'answer-0001']
    const messages = [
      { id: question, parentId: null, role: 'user', content: 'What is 2 + 40?', atMs: 1 },
      { id: answer, parentId: question, role: 'assistant', content: '', calls: [call], modelId: 'smollm2', atMs: 2 },
    ]
    const settings = { toolServers: ['math'], maxTokens: 8, temperature: 0 }
    const chat = {
      id: 'chat-with-a-tool',
      title: 'Sum',
      createdAtMs: 1,
      updatedAtMs: 2,
      modelId: 'smollm2',
      settings,
      leafId: answer,
      messages,
    }
    await post(node.apiUrl, '/chats/import', { chats: [chat] })
    const page = await browser.open(node.dashboardUrl)
    await page.goto(`${node.dashboardUrl}#/chat/${chat.id}`)
    await page.getByText('"b": 40').waitFor()
    await expectAccessible(page, 'tool-asks')
    await page.getByRole('button', { name: 'Allow once' }).click()
    await answers(page).nth(1).getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 60_000 })
    const list = page.getByRole('list', { name: 'Calls of tools' })
    expect(await list.getByText('done').count()).toBe(1)
    await list.getByText('add').click()
    await list.getByText('42', { exact: true }).waitFor()
    await expectAccessible(page, 'tool-done')
    await page.getByRole('button', { name: 'Chat settings' }).click()
    expect(await page.getByRole('switch', { name: 'Use math' }).getAttribute('aria-checked')).toBe('true')
    await expectAccessible(page, 'tool-servers')
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
