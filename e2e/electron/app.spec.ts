import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askInChat, settle } from '../dashboard/open-dashboard.ts'
import { get } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { descendantsOf, isAlive, proportionalBytes } from './app-processes.ts'
import { type RunningApp, startApp } from './start-app.ts'

const MOST_POPOVER_BYTES = 120e6
/** Without the worker, which holds the model. */
const MOST_IDLE_BYTES = 350e6
const WAIT = { timeout: 90_000, interval: 100 }

describe('the app', () => {
  let app: RunningApp
  const nodeStatus = async (): Promise<any> => (await app.state()).node
  const instances = async (): Promise<any[]> => Object.values((await app.state()).view?.instances ?? {})
  const isReady = () => expect.poll(async () => (await instances()).map(({ status }) => status), WAIT).toEqual(['ready'])

  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(async () => {
    await app?.clean()
  })

  it('starts its node, which loads the model that comes with it', async () => {
    await expect.poll(nodeStatus, WAIT).toMatchObject({ kind: 'running' })
    await isReady()
    reportFigure('app, start to model ready', performance.now() - app.startedAtMs, 'ms')
  })

  it('opens its popover at a click on the icon in the bar', async () => {
    const shown = app.electron.evaluate(
      ({ BrowserWindow }) => new Promise<number>((resolve) => BrowserWindow.getAllWindows()[0]?.once('show', () => resolve(Date.now()))),
    )
    await app.popover.evaluate('0') // ensures that the listener exists before the click
    const clickedAt = Date.now()
    await app.tray.click('left')
    reportFigure('app, click to popover', (await shown) - clickedAt, 'ms')
    const { view } = await app.state()
    await app.popover.getByText(view.nodes[view.nodeId].name, { exact: true }).waitFor()
    await app.popover.getByText('SmolLM2').waitFor()
    expect(await app.popover.getByRole('meter').count()).toBe(1)
    await app.popover.keyboard.press('Escape')
    await expect.poll(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(false)
  })

  it.skipIf(process.platform !== 'linux')('takes little memory for its popover, and while no window is open', async () => {
    const popoverId = await app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    )
    const nodeId = (await nodeStatus()).processId
    const processes = [{ processId: app.processId, arguments: '' }, ...descendantsOf(app.processId)]
    const isWorker = (entry: (typeof processes)[number]): boolean =>
      entry.arguments.includes('node.mojom.NodeService') && entry.processId !== nodeId
    const bytes = processes.filter((entry) => !isWorker(entry)).map(({ processId }) => proportionalBytes(processId) ?? 0)
    const idle = bytes.reduce((sum, each) => sum + each, 0)
    const popover = proportionalBytes(popoverId) ?? 0
    reportFigure('app, memory of the popover', popover / 1e6, 'MB')
    reportFigure('app, memory of its node', (proportionalBytes(nodeId) ?? 0) / 1e6, 'MB')
    reportFigure('app, memory without windows, popover and model', (idle - popover) / 1e6, 'MB')
    expect(popover).toBeGreaterThan(0)
    expect(popover).toBeLessThan(MOST_POPOVER_BYTES)
    expect(idle - popover).toBeLessThan(MOST_IDLE_BYTES)
  })

  it('chats, and stops an answer', async () => {
    await app.popover.evaluate('exoShell.call("open-window", "chat")')
    const page = await app.page('chat')
    await settle(page, 1_000)
    expect(await askInChat(page, 'What is the capital of France? Answer in one short sentence.')).toContain('Paris')
    await page.getByRole('textbox', { name: 'Message' }).fill('Write a long story about a dragon.')
    await page.keyboard.press('Enter')
    const answer = page.getByRole('article', { name: 'Assistant' }).last()
    await expect.poll(async () => (await answer.innerText()).length, WAIT).toBeGreaterThan(60)
    await page.getByRole('button', { name: 'Stop' }).click()
    await answer.getByText('Stopped', { exact: true }).waitFor()
  })

  it('B28: its popover has the material of the menu where the system draws one, and a background elsewhere', async () => {
    const seen = (): Promise<unknown> => app.popover.evaluate('getComputedStyle(document.querySelector(".popover")).backgroundColor')
    const isMac = process.platform === 'darwin'
    expect((await seen()) === 'rgba(0, 0, 0, 0)').toBe(isMac)
    await app.popover.evaluate('void (document.documentElement.dataset.hasMaterial = "true")')
    expect(await seen()).toBe('rgba(0, 0, 0, 0)')
    if (!isMac) await app.popover.evaluate('void delete document.documentElement.dataset.hasMaterial')
  })

  it('B29: has a menu of its own, with the keys of its places and nothing of its framework', async () => {
    const names = await app.electron.evaluate(({ Menu }) => {
      const walk = (menu: Electron.Menu | null): string[] =>
        menu?.items.flatMap((item) => [`${item.label} ${item.accelerator ?? ''}`.trim(), ...walk(item.submenu ?? null)]) ?? []
      return walk(Menu.getApplicationMenu())
    })
    expect(names).toEqual(expect.arrayContaining(['New Chat CmdOrCtrl+N', 'Settings… CmdOrCtrl+,', 'API Reference']))
    expect(names.filter((name) => /reload|Learn More|Community|Search Issues|electron/i.test(name))).toEqual([])
    await app.electron.evaluate(({ Menu }) => {
      const walk = (menu: Electron.Menu | null): Electron.MenuItem[] =>
        menu?.items.flatMap((item) => [item, ...walk(item.submenu ?? null)]) ?? []
      walk(Menu.getApplicationMenu())
        .find(({ label }) => label === 'Settings…')
        ?.click()
    })
    await (await app.page('settings')).getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  })

  it('B30: opens a window where it was closed', async () => {
    const windowAt = (frame: Electron.Rectangle | null): Promise<Electron.Rectangle | null> =>
      app.electron.evaluate(({ BrowserWindow }, wanted) => {
        const window = BrowserWindow.getAllWindows().find(({ webContents }) => webContents.getURL().includes('/dashboard#/settings'))
        if (wanted !== null) window?.setBounds(wanted)
        return window?.getBounds() ?? null
      }, frame)
    await windowAt({ x: 60, y: 50, width: 700, height: 600 })
    const kept = { width: 700, height: 600 }
    await expect.poll(() => windowAt(null)).toMatchObject(kept)
    const before = await windowAt(null)
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find(({ webContents }) => webContents.getURL().includes('/dashboard#/settings'))
        ?.close(),
    )
    await expect.poll(() => windowAt(null)).toBeNull()
    await app.popover.evaluate('exoShell.call("open-window", "settings")')
    await app.page('settings')
    await expect.poll(() => windowAt(null)).toEqual(before)
  })

  it('keeps a history of it, in a process of its own', async () => {
    const { apiUrl } = await nodeStatus()
    await expect.poll(async () => (await get(apiUrl, '/history')).body.inferences?.length ?? 0, WAIT).toBeGreaterThan(0)
    const { body } = await get(apiUrl, '/history')
    expect(body.inferences[0]).toMatchObject({ model: expect.stringContaining('SmolLM2') })
  })

  it('lets its pages do nothing but show the node', async () => {
    await app.popover.evaluate('exoShell.call("open-window", "settings")')
    // Uses a window of its own, since Playwright waits forever for a navigation that is denied.
    const page = await app.page('settings')
    const url = page.url()
    expect(await page.evaluate('[typeof require, typeof process, Object.keys(exoShell).sort().join()]')).toEqual([
      'undefined',
      'undefined',
      'call,onState',
    ])
    expect(await page.evaluate('window.open("file:///etc/passwd")')).toBeNull()
    await page.evaluate('void (location.href = "file:///etc/passwd")')
    await page.evaluate('void (location.href = "http://127.0.0.1:1/")')
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied')
    expect(await page.evaluate('exoShell.call("no-such-call", null)')).toMatchObject({ isOk: false, code: 'unknown-call' })
    expect(await page.evaluate('exoShell.call("open-window", "../etc")')).toMatchObject({ isOk: false, code: 'invalid-call' })
    expect(page.url()).toBe(url)
    const titleOf = (address: string): Promise<unknown> =>
      page.evaluate(`Promise.race([
        new Promise((resolve) => {
          const frame = document.createElement('iframe')
          frame.onload = () => resolve(frame.contentDocument?.title)
          frame.src = '${address}'
          document.body.append(frame)
        }),
        new Promise((resolve) => setTimeout(() => resolve(null), 2000)),
      ])`)
    expect(await titleOf('/dashboard/diagrams')).toBe('Diagrams of exo')
    expect(await titleOf('/openapi.json')).not.toBe('Diagrams of exo')
    const preferences = await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map(({ webContents }) =>
        (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences(),
      ),
    )
    expect(preferences.length).toBeGreaterThan(0)
    for (const preference of preferences)
      expect(preference).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  })

  it('loads the model again when its worker dies', async () => {
    const { processId } = await nodeStatus()
    const worker = descendantsOf(app.processId).find(
      ({ processId: id, arguments: text }) => id !== processId && text.includes('node.mojom.NodeService'),
    )
    if (!worker) throw new Error('there is no worker')
    process.kill(worker.processId, 'SIGKILL')
    await expect.poll(() => isAlive(worker.processId)).toBe(false)
    expect(await askInChat(await app.page('chat'), 'What is the capital of France?')).toContain('Paris')
    expect((await nodeStatus()).processId).toBe(processId)
  })

  it('shows that its node died, and starts it again', async () => {
    const { processId, apiUrl } = await nodeStatus()
    const workers = descendantsOf(app.processId).filter(({ arguments: text }) => text.includes('node.mojom.NodeService'))
    expect(workers.length).toBeGreaterThan(0)
    process.kill(processId, 'SIGKILL')
    await app.popover.getByText('stopped unexpectedly (SIGKILL)').waitFor({ state: 'attached' })
    await expect.poll(nodeStatus, WAIT).toMatchObject({ kind: 'running' })
    expect((await nodeStatus()).processId).not.toBe(processId)
    expect((await nodeStatus()).apiUrl).toBe(apiUrl)
    for (const worker of workers) await expect.poll(() => isAlive(worker.processId)).toBe(false)
    await isReady()
    const page = await app.page('chat')
    await page.getByText('Write a long story about a dragon.').first().waitFor() // the conversation is still there
    expect(await askInChat(page, 'What is the capital of France?')).toContain('Paris')
  })

  it('leaves no process when it quits', async () => {
    const processes = descendantsOf(app.processId)
    expect(processes.length).toBeGreaterThan(3)
    await app.quit()
    for (const { processId } of processes) await expect.poll(() => isAlive(processId), { timeout: 10_000 }).toBe(false)
  })
})
