import { describe, expect, it } from 'vitest'
import { get, post, stream } from './node/call-api.ts'
import { workersOf } from './node/processes.ts'
import { runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'
import { useDefaultNode } from './node/use-default-node.ts'

describe('when something breaks', () => {
  let node: RunningExo
  let model: string

  useDefaultNode((started) => void ({ node, model } = started))

  const long = (prompt: string) => ({ model, prompt, max_tokens: 4_000, ignore_eos: true, stream: true, temperature: 0 })

  it('clients that hang up free their places at once', async () => {
    const hangUps = Array.from({ length: 12 }, async (_, index) => {
      const leaving = new AbortController()
      let chunks = 0
      try {
        for await (const _chunk of stream(node.apiUrl, '/v1/completions', long(`Story ${index}:`), leaving.signal)) {
          chunks += 1
          if (chunks === 2) leaving.abort()
        }
      } catch (error) {
        if (!leaving.signal.aborted) throw error
      }
    })
    // More clients than fit in one batch, so later ones are served only because earlier ones disconnect.
    await Promise.all(hangUps)
    const startMs = performance.now()
    const answer = await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 8, ignore_eos: true, temperature: 0 })
    expect(answer.status).toBe(200)
    expect(answer.body.timings.queue_ms).toBeLessThan(1_000)
    expect(performance.now() - startMs).toBeLessThan(5_000)
  })

  it('a client that hangs up before the first token frees its place too', async () => {
    const prompt = 'word '.repeat(6_000)
    await expect(
      fetch(`${node.apiUrl}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...long(prompt), stream: false }),
        signal: AbortSignal.timeout(150),
      }),
    ).rejects.toMatchObject({ name: 'TimeoutError' })
    const answer = await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 2, temperature: 0 })
    expect([answer.status, answer.body.timings.queue_ms < 10_000]).toEqual([200, true])
  })

  it('a worker that is killed fails its request; the node goes on and loads the model again', async () => {
    const [worker] = workersOf(node.processId)
    expect(worker).toBeDefined()
    let chunks = 0
    let failure: unknown
    try {
      for await (const chunk of stream(node.apiUrl, '/v1/completions', long('A tale:'))) {
        if (chunk.error) failure = chunk.error
        chunks += 1
        if (chunks === 3 && worker) process.kill(worker.processId, 'SIGKILL')
      }
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ message: expect.stringMatching(/\w{3,}/) })
    expect((await get(node.apiUrl, '/healthz')).status).toBe(200)
    const answer = await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 2, temperature: 0 })
    expect([answer.status, answer.body.choices?.length]).toEqual([200, 1])
    expect(workersOf(node.processId).map(({ processId }) => processId)).not.toContain(worker?.processId)
  })

  it('F03 a port in use is told in one line, with status 1', async () => {
    const port = new URL(node.apiUrl).port
    const second = await runExo([
      '--port',
      port,
      '--data-dir',
      `${node.dataDir}-second`,
      '--no-mdns',
      '--no-broadcast',
      '--no-default-model',
    ])
    expect([second.status, second.stderr.trim().split('\n').length]).toEqual([1, 1])
    expect(second.stderr).toContain(port)
  })

  it('a data folder in use is told in one line, with status 1', async () => {
    const second = await runExo(['--port', '0', '--data-dir', node.dataDir, '--no-mdns', '--no-broadcast', '--no-default-model'])
    expect([second.status, second.stderr.trim().split('\n').length]).toEqual([1, 1])
    expect(second.stderr).toContain(node.dataDir)
  })

  it.each([
    ['at rest', false],
    ['during an answer', true],
  ])('F04 no worker outlives its node, killed %s, and its port is free', { timeout: 300_000 }, async (_, isAnswering) => {
    const victim = await startExo({ timeoutMs: 200_000 })
    if (isAnswering) {
      const answer = stream(victim.apiUrl, '/v1/completions', { ...long('Once'), model: 'default' })
      await answer.next()
      // The stream breaks when the node dies.
      void answer.next().catch(() => undefined)
    }
    const workers = workersOf(victim.processId).map(({ processId }) => processId)
    expect(workers).toHaveLength(1)
    process.kill(victim.processId, 'SIGKILL')
    await victim.exited
    const isAlive = (processId: number): boolean => {
      try {
        return process.kill(processId, 0)
      } catch {
        return false
      }
    }
    await expect.poll(() => workers.filter(isAlive), { timeout: 15_000 }).toEqual([])
    await expect(fetch(`${victim.apiUrl}/healthz`)).rejects.toThrow('fetch failed')
    await victim.stop()
  })

  it('Ctrl-C ends a node with status 0 and leaves no worker', async () => {
    const other = await startExo()
    const [worker] = workersOf(other.processId)
    if (!worker) throw new Error('the node has no worker')
    expect(await other.stop()).toBe(0)
    expect(() => process.kill(worker.processId, 0)).toThrow('ESRCH')
  })
})
