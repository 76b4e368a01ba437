import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { freePort } from '../../main/platform/network/free-ports.ts'
import { get, post } from '../node/call-api.ts'
import { projectDir } from '../node/run-exo.ts'
import { startExo } from '../node/start-exo.ts'
import { startApp } from './start-app.ts'

/** Takes pictures of the popover in its states and of the app's own settings, light and dark, into `assets/screenshots`. */
const folder = join(projectDir, 'assets', 'screenshots')

const peerPort = await freePort()
const app = await startApp({ node: { peers: [{ host: '127.0.0.1', port: peerPort }] } })
try {
  await mkdir(folder, { recursive: true })
  await when('the model is ready', async () =>
    Object.values<any>((await app.state()).view?.instances ?? {}).some(({ status }) => status === 'ready'),
  )
  await app.tray.click('left')
  await take(app.popover, 'popover-alone')

  const other = await startExo({
    arguments: ['--cluster', 'desk', '--peer-port', String(peerPort), '--no-default-model'],
    awaitModel: false,
  })
  const nearby = app.popover.getByRole('listitem', { name: 'desk', exact: true })
  await nearby.waitFor({ timeout: 60_000 })
  await take(app.popover, 'popover-nearby')
  await nearby.getByRole('button', { name: 'Join' }).click()
  await app.popover.getByText('2 machines').waitFor({ timeout: 60_000 })
  await when('all have told their memory', async () =>
    Object.values<any>((await app.state()).view?.nodes ?? {}).every(({ availableBytes }) => availableBytes > 0),
  )
  const { apiUrl } = (await app.state()).node
  const { body } = await get(apiUrl, '/v1/models')
  await post(apiUrl, '/place_instance', { model_id: body.data[0].id, min_nodes: 2 })
  await when('the model is ready on both', async () =>
    Object.values<any>((await app.state()).view?.instances ?? {}).some(({ status }) => status === 'ready'),
  )
  await take(app.popover, 'popover-joined')

  await app.popover.evaluate('exoShell.call("open-window", "settings")')
  const settings = await app.page('settings')
  const panel = settings.getByRole('region', { name: 'App', exact: true })
  await panel.waitFor()
  await panel.scrollIntoViewIfNeeded()
  await take(settings, 'app-settings')
  await other.stop()

  // Dies often enough that the app waits before it restarts its node.
  for (let death = 0; death < 5; death += 1) {
    await when('the node runs', async () => ['running', 'failed'].includes((await app.state()).node.kind))
    const { node } = await app.state()
    if (node.kind === 'running') process.kill(node.processId, 'SIGKILL')
    await when('the node is gone', async () => (await app.state()).node.processId !== node.processId)
  }
  await when('the node is given up', async () => (await app.state()).node.kind === 'failed')
  await app.tray.click('left')
  if (!(await isPopoverShown())) await app.tray.click('left')
  await take(app.popover, 'popover-problem')
} finally {
  await app.clean()
}

function isPopoverShown(): Promise<boolean> {
  return app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false)
}

async function when(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 120_000
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`still not: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function take(page: Page, name: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    // Playwright's pages do not follow the app's theme.
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.waitForTimeout(500)
    await page.screenshot({ path: join(folder, `${name}-${theme}.png`) })
  }
}
