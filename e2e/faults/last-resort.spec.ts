import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, post } from '../node/call-api.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { startExo } from '../node/start-exo.ts'
import { workersOf } from '../node/processes.ts'

/** Throws in the node's own process on a signal; with `each time`, also rejects shortly after every start, past the restart delay. */
const FAULT = `
if (process.argv[1]?.endsWith('exo.mjs')) {
  process.on('SIGUSR2', () => setImmediate(() => { throw new Error('a fault of a test') }))
  const whenWatched = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return
    clearInterval(whenWatched)
    if (process.env.EXO_TEST_REJECT !== 'each time') return
    setTimeout(() => void Promise.reject(new Error('a rejection of a test')), Number(process.env.EXO_RESTART_DELAY_MS ?? 0) + 300)
  }, 10)
}
`

/** A node's reaction to an uncaught error. */
describe('D4: the last resort of a node', () => {
  let folder: string
  let environment: NodeJS.ProcessEnv
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-fault-'))
    await writeFile(join(folder, 'fault.mjs'), FAULT)
    environment = { NODE_OPTIONS: `--import=${pathToFileURL(join(folder, 'fault.mjs')).href}` }
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('starts it again under the same process id and port, with its history, and as a start by no person', async () => {
    const node = await startExo({ env: environment })
    try {
      const [instance] = Object.values<{ modelId: string }>((await get(node.apiUrl, '/state')).body.instances)
      const ask = () => post(node.apiUrl, '/v1/completions', { model: instance?.modelId, prompt: 'Once', max_tokens: 4 })
      expect((await ask()).status).toBe(200)
      await sleep(1500)
      const before = workersOf(node.processId).map(({ processId }) => processId)
      process.kill(node.processId, 'SIGUSR2')
      await expect.poll(() => node.output(), { timeout: 20_000 }).toMatch(/uncaught error: the node restarts/)
      await expect.poll(() => node.output().match(/^Model\s+.+ready in/gm)?.length ?? 0, { timeout: 60_000 }).toBe(2)
      expect(node.output()).toContain('a fault of a test')
      expect((await ask()).status).toBe(200)
      expect(
        workersOf(node.processId).filter(({ processId, command }) => before.includes(processId) && !command.includes('<defunct>')),
      ).toEqual([])
      await expect.poll(async () => (await get(node.apiUrl, '/history')).body.inferences?.length, { timeout: 20_000 }).toBe(2)
    } finally {
      expect(await node.stop()).toBe(0)
    }
  }, 180_000)

  it('ends it with status 70 when it dies too often', async () => {
    const started = performance.now()
    const { status, stderr } = await runProgram(
      join(projectDir, 'exo'),
      ['--port', '0', '--no-mdns', '--no-broadcast', '--no-default-model', '--data-dir', join(folder, 'data')],
      { env: { ...environment, EXO_TEST_REJECT: 'each time' }, timeoutMs: 90_000 },
    )
    expect([status, stderr.match(/the node restarts/g)?.length]).toEqual([70, 4])
    expect(stderr).toMatch(/a rejection of a test/)
    expect(stderr).toMatch(/too many in a short time/)
    // The delays between them are 0.5, 1, 2 and 4 s.
    expect(performance.now() - started).toBeGreaterThan(7500)
  }, 120_000)
})
