import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { get } from '../node/call-api.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { answerWith, askInChat, modelPicker, type OpenBrowser, settle } from './open-dashboard.ts'
import { useDashboard } from './use-dashboard.ts'

const answers = (page: Page): Locator => page.getByRole('article', { name: 'Assistant' })
const list = (page: Page): Locator => page.getByRole('complementary', { name: 'Conversations' })

async function askLong(page: Page, question: string): Promise<void> {
  await settle(page, 300)
  await page.getByRole('textbox', { name: 'Message' }).fill(question)
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await answers(page).last().innerText()).length, { timeout: 60_000 }).toBeGreaterThan(60)
}

/** The place of a paragraph's text, without the empty rest of its line. */
const textBox = (paragraph: Locator): Promise<{ left: number; right: number }> =>
  paragraph.evaluate((element: any) => {
    const range = element.ownerDocument.createRange()
    range.selectNodeContents(element)
    const { left, right } = range.getBoundingClientRect()
    return { left, right }
  })

async function act(page: Page, title: string, action: string): Promise<void> {
  await list(page).getByRole('link', { name: title }).hover()
  await list(page)
    .getByRole('button', { name: `Actions for “${title}”` })
    .click()
  await page.getByRole('menuitem', { name: action }).click()
}

describe('chats that cannot be lost', () => {
  let node: RunningExo
  let browser: OpenBrowser

  useDashboard((opened) => void ({ node, browser } = opened))

  it('B1, B32: an answer goes on while its page is gone, and its address leads back to it', async () => {
    const page = await browser.open(node.dashboardUrl)
    await askLong(page, 'Write a long story about a lighthouse.')
    expect(page.url()).toMatch(/#\/chat\/[\w-]+$/)
    const address = page.url()
    const before = (await answers(page).innerText()).length
    await page.close()
    const again = await browser.context.newPage()
    await again.goto(address)
    await expect.poll(async () => (await answers(again).innerText()).length, { timeout: 60_000 }).toBeGreaterThan(before)
    await again.getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 90_000 })
    expect(await answers(again).innerText()).not.toContain('Stopped')
  })

  it('B2: two windows show the same chat, and lose nothing of each other', async () => {
    const first = await browser.open(node.dashboardUrl)
    await settle(first, 8)
    await askInChat(first, 'Say one.')
    const second = await browser.context.newPage()
    await second.goto(first.url())
    await askInChat(second, 'Say two.')
    await expect.poll(() => answers(first).getByRole('button', { name: 'Regenerate' }).count()).toBe(2)
    await askInChat(first, 'Say three.')
    await second.getByText('Say three.').waitFor()
    await second.reload()
    await second.getByText('Say three.').waitFor()
    expect(await second.getByRole('article', { name: 'You' }).allInnerTexts()).toEqual(['Say one.', 'Say two.', 'Say three.'])
  })

  it('B3: every origin and every port has the same chats', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    await askInChat(page, 'Where am I kept?')
    const other = await browser.open(node.dashboardUrl.replace('127.0.0.1', 'localhost'))
    await list(other).getByRole('link', { name: 'Where am I kept?' }).click()
    await answers(other).waitFor()
  })

  it('B4, F9: a deleted chat comes back by Undo; chats are renamed, pinned and found', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    await askInChat(page, 'A question about herons')
    await act(page, 'A question about herons', 'Rename')
    await page.getByRole('textbox', { name: 'Title' }).fill('Birds')
    await page.keyboard.press('Enter')
    await act(page, 'Birds', 'Pin')
    await list(page).getByRole('region', { name: 'Pinned' }).getByRole('link', { name: 'Birds' }).waitFor()
    await list(page).getByRole('searchbox').fill('HERONS')
    await expect.poll(() => list(page).getByRole('link').count()).toBe(1)
    await list(page).getByRole('searchbox').fill('')
    await act(page, 'Birds', 'Delete')
    await page.getByText('Deleted “Birds”').waitFor()
    await expect.poll(() => list(page).getByRole('link', { name: 'Birds' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await list(page).getByRole('link', { name: 'Birds' }).click()
    await page.getByText('A question about herons', { exact: true }).waitFor()
  })

  it('B5, F10: another answer and another question keep the earlier ones', async () => {
    const page = await browser.open(node.dashboardUrl)
    await settle(page, 8)
    await askInChat(page, 'First question')
    await askInChat(page, 'Second question')
    await answers(page).first().getByRole('button', { name: 'Regenerate' }).click()
    await page.getByText('2/2').waitFor()
    await answers(page).getByRole('button', { name: 'Regenerate' }).waitFor({ timeout: 60_000 })
    expect(await page.getByText('Second question').count()).toBe(0)
    await page.getByRole('button', { name: 'Earlier version' }).click()
    await page.getByText('Second question').waitFor()
    await page.reload()
    await page.getByText('Second question').waitFor()
    await answers(page).last().getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Regenerate' }).last().waitFor({ timeout: 60_000 })
  })

  it('B7: Esc closes the settings, and the answer goes on', async () => {
    const page = await browser.open(node.dashboardUrl)
    await askLong(page, 'Write a long story about a fox.')
    await page.getByRole('button', { name: 'Chat settings' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Stop' }).waitFor()
    await page.waitForTimeout(500)
    expect(await answers(page).getByText('Stopped').count()).toBe(0)
    await page.getByRole('button', { name: 'Stop' }).click()
    await answers(page).getByText('Stopped', { exact: true }).waitFor()
  })

  it('B42: End reaches the end of an answer that grows, and follows it again', async () => {
    const page = await browser.open(node.dashboardUrl)
    await page.setViewportSize({ width: 390, height: 360 })
    await askLong(page, 'Write a long story about a whale.')
    const thread = page.getByRole('log')
    const behind = (): Promise<number> => thread.evaluate((log: any) => log.scrollHeight - log.scrollTop - log.clientHeight)
    const grow = (by: string): Promise<void> =>
      thread.evaluate((log: any, height) => {
        const more = log.ownerDocument.createElement('div')
        more.style.height = height
        log.firstElementChild.append(more)
      }, by)
    await grow('3000px')
    for (const focused of [thread, page.getByRole('button', { name: 'Copy' }).first()]) {
      await focused.focus()
      await thread.evaluate((log: any) => (log.scrollTop = 0))
      await page.getByRole('button', { name: 'Scroll to bottom' }).waitFor()
      await page.keyboard.press('End')
      await grow('500px')
      await expect.poll(behind).toBeLessThan(2)
      await page.waitForTimeout(500) // a glide of the browser would have ended
      expect(await behind()).toBeLessThan(2)
    }
    // The answer grows before the page hears of its own scrolling.
    await thread.evaluate((log: any) => (log.scrollTop = 0))
    await page.getByRole('button', { name: 'Scroll to bottom' }).waitFor()
    await thread.evaluate((log: any) => {
      const { document, KeyboardEvent } = log.ownerDocument.defaultView
      log.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }))
      const more = document.createElement('div')
      more.style.height = '500px'
      log.firstElementChild.append(more)
    })
    await expect.poll(behind).toBeLessThan(2)
  })

  it('B18: a draft stays while an answer comes, on the way to Models, and after a reload', async () => {
    const page = await browser.open(node.dashboardUrl)
    const field = page.getByRole('textbox', { name: 'Message' })
    await field.fill('not yet sent')
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.getByRole('link', { name: 'Chat', exact: true }).click()
    expect(await field.inputValue()).toBe('not yet sent')
    await page.waitForTimeout(400)
    await page.reload()
    await expect.poll(() => field.inputValue()).toBe('not yet sent')
    await field.fill('')
  })

  it('B31: on a phone the list of chats closes by Esc and by its backdrop, and its actions need no hover', async () => {
    const page = await browser.open(node.dashboardUrl)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByRole('button', { name: 'Conversations' }).click()
    await list(page).getByRole('searchbox').waitFor()
    await page.keyboard.press('Escape')
    await list(page).waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Conversations' }).click()
    await page.getByRole('button', { name: 'Close' }).click({ position: { x: 380, y: 500 } })
    await list(page).waitFor({ state: 'hidden' })
  })

  it('B11, B27: at 390 px the buttons stay in the window, and Arabic goes from right to left', async () => {
    const page = await browser.open(node.dashboardUrl)
    await page.setViewportSize({ width: 390, height: 844 })
    await modelPicker(page)
      .locator('.model-picker-name')
      .evaluate((name: any) => (name.textContent = 'a-very-long-name-of-a-model-that-nobody-can-read-on-a-phone'))
    const box = await page.getByRole('button', { name: 'New chat' }).last().boundingBox()
    expect((box?.x ?? 999) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
    await answerWith(page, ['مرحبا بالعالم.'])
    await askInChat(page, 'السلام عليكم.')
    const paragraph = answers(page).getByText('مرحبا')
    // The end of the line is at the left, and its start at the right edge of the column.
    const [line, column] = await Promise.all([textBox(paragraph), paragraph.boundingBox()])
    expect(Math.round(line.right)).toBe(Math.round((column?.x ?? 0) + (column?.width ?? 0)))
  })

  it('keeps chats over a restart of the node, encrypted, and says what an interrupted answer is', async () => {
    const dataDir = join(node.dataDir, 'restarted')
    const first = await startExo({ dataDir })
    const page = await browser.open(first.dashboardUrl)
    await askLong(page, 'Write a long story about a secretword.')
    const { body } = await get(first.apiUrl, '/chats')
    await first.stop()
    const second = await startExo({ dataDir, arguments: ['--port', new URL(first.apiUrl).port] })
    try {
      const chat = (await get(second.apiUrl, `/chats/${body.chats[0].id}`)).body
      expect(chat.messages[0].content).toContain('secretword')
      expect(chat.messages[1].content.length).toBeGreaterThan(20)
      expect(['interrupted', 'cut', 'complete']).toContain(chat.messages[1].status)
    } finally {
      await second.stop()
    }
  })

  it('had no error on any page', () => {
    expect(browser.problems).toEqual([])
  })
})
