import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../main/platform/network/free-ports.ts'
import { askInChat, settle } from '../dashboard/open-dashboard.ts'
import { get, post } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { type RunningApp, startApp } from './start-app.ts'

const WAIT = { timeout: 90_000, interval: 100 }

describe('the app and a second machine', () => {
  let app: RunningApp
  let other: RunningExo
  const view = async (): Promise<any> => (await app.state()).view
  const apiUrl = async (): Promise<string> => (await app.state()).node.apiUrl

  beforeAll(async () => {
    const peerPort = await freePort()
    other = await startExo({ arguments: ['--cluster', 'desk', '--peer-port', String(peerPort), '--no-default-model'], awaitModel: false })
    app = await startApp({ node: { peers: [{ host: '127.0.0.1', port: peerPort }] } })
  })
  afterAll(async () => {
    await app?.clean()
    await other?.stop()
  })

  it('shows its cluster nearby, and joins it by one click', async () => {
    await app.tray.click('left')
    const nearby = app.popover.getByRole('listitem', { name: 'desk', exact: true })
    await nearby.getByRole('button', { name: 'Join' }).click({ timeout: 60_000 })
    const clickedAtMs = performance.now()
    await app.popover.getByText('2 machines').waitFor({ timeout: 60_000 })
    reportFigure('app, click to joined', performance.now() - clickedAtMs, 'ms')
    expect(await app.popover.getByRole('heading', { name: 'desk' }).count()).toBe(1)
    expect(await app.popover.getByRole('meter').count()).toBe(2)
  })

  it('spreads the model over both and streams an answer from them', async () => {
    const url = await apiUrl()
    const embedded = async (): Promise<string | undefined> =>
      (await get(url, '/v1/models')).body.data.find(({ id }: { id: string }) => id.includes('SmolLM2'))?.id
    await expect.poll(embedded, WAIT).toBeDefined() // it may still be being copied into the cache
    const model = await embedded()
    expect((await post(url, '/place_instance', { model_id: model, min_nodes: 2 })).status).toBe(200)
    await expect
      .poll(async () => Object.values<any>((await view())?.instances ?? {}).map(({ status, shards }) => [status, shards.length]), WAIT)
      .toContainEqual(['ready', 2])
    await app.popover.evaluate('exoShell.call("open-window", "chat")')
    const page = await app.page('chat')
    await settle(page, 120)
    expect(await askInChat(page, 'What is the capital of France?')).toContain('Paris')
  })

  it('shows two peers, two shards, memory and tokens per second', async () => {
    await app.popover.evaluate('exoShell.call("open-window", "cluster")')
    const page = await app.page('cluster')
    await page.getByText('2 machines in “desk”').waitFor()
    const { nodes } = await view()
    for (const node of Object.values<any>(nodes)) {
      await page.getByText(node.name).first().waitFor()
      expect(node.totalBytes).toBeGreaterThan(node.availableBytes)
    }
    const rates: number[] = []
    const chat = await app.page('chat')
    const answer = askInChat(chat, 'Write a long story about a dragon.')
    await expect
      .poll(async () => {
        rates.push(...Object.values<any>((await view())?.instances ?? {}).map(({ decodeTokensPerSecond }) => decodeTokensPerSecond ?? 0))
        return Math.max(...rates)
      }, WAIT)
      .toBeGreaterThan(0)
    await answer
    reportFigure('app, two nodes', Math.max(...rates), 'tokens/s')
  })

  it('leaves, and is alone again', async () => {
    await app.tray.click('left')
    await app.popover.getByRole('button', { name: 'Leave' }).click()
    await app.popover.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await app.popover.getByText('Just this machine').waitFor({ timeout: 60_000 })
    await app.quit()
  })
})
