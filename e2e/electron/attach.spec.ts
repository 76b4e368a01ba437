import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { get } from '../node/call-api.ts'
import { reportFigure } from '../node/report-figure.ts'
import { type RunningExo, startExo } from '../node/start-exo.ts'
import { isAlive } from './app-processes.ts'
import { type RunningApp, startApp } from './start-app.ts'

const WAIT = { timeout: 90_000, interval: 100 }
const TOKEN = 'of this machine'

describe('the app beside a node that was started in a terminal', () => {
  let dataDir: string
  let node: RunningExo
  let app: RunningApp
  const nodeStatus = async (): Promise<any> => (await app.state()).node
  const isAttached = () =>
    expect.poll(nodeStatus, WAIT).toEqual({ kind: 'running', apiUrl: node.apiUrl, processId: expect.any(Number), isOurs: false })

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'exo-attach-'))
    node = await startExo({ dataDir, arguments: ['--no-default-model', '--api-token', TOKEN], awaitModel: false })
  })
  afterEach(async () => {
    await app?.clean()
  })
  afterAll(async () => {
    await node?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('shows that node, opens its pages, and leaves it running when it quits', async () => {
    app = await startApp({ dataDir })
    await isAttached()
    await app.tray.click('left')
    await app.popover.getByText('started elsewhere').waitFor()
    await expect.poll(async () => (await app.state()).view?.nodeId, WAIT).toEqual(expect.any(String))
    const { view } = await app.state()
    await app.popover.getByText(view.nodes[view.nodeId].name, { exact: true }).waitFor()
    await app.popover.evaluate('exoShell.call("open-window", "cluster")')
    expect(new URL((await app.page('cluster')).url()).origin).toBe(node.apiUrl)
    const { processId } = await nodeStatus()
    await app.quit()
    expect(isAlive(processId)).toBe(true)
    expect((await get(node.apiUrl, '/healthz')).status).toBe(200)
  })

  it('starts its own when that node ends', async () => {
    app = await startApp({ dataDir, node: { loadDefaultModel: false } })
    await isAttached()
    const { processId } = await nodeStatus()
    await node.stop()
    const endedAtMs = performance.now()
    await expect.poll(nodeStatus, WAIT).toMatchObject({ kind: 'running', isOurs: true })
    reportFigure('the other node ended, to one of the app', performance.now() - endedAtMs, 'ms')
    expect((await nodeStatus()).processId).not.toBe(processId)
    expect(await app.popover.getByText('started elsewhere').count()).toBe(0)
    await app.quit()
  })
})
