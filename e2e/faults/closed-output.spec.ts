import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultModelFile } from '../node/default-model.ts'
import { projectDir, runExo, runProgram } from '../node/run-exo.ts'

const WAIT_MS = 60_000

/** The reader of the output closes it, as in `./exo | head -1`. */
describe('a program whose output is no longer read', () => {
  let dataDir: string

  beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'exo-closed-'))))
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const startNode = (): ChildProcess => {
    const nodeArguments = [
      '--port',
      '0',
      '--no-mdns',
      '--no-broadcast',
      '--no-default-model',
      '--data-dir',
      dataDir,
      '--log-level',
      'debug',
    ]
    return spawn(join(projectDir, 'exo'), nodeArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  it.each(['stdout', 'stderr'] as const)(
    'a node goes on without its %s, and ends in good order',
    async (closed) => {
      const child = startNode()
      const exited = once(child, 'close')
      const closedStream = child[closed]!
      const other = closed === 'stdout' ? child.stderr! : child.stdout!
      let rest = ''
      other.setEncoding('utf8').on('data', (text: string) => (rest += text))
      closedStream.destroy()
      const apiUrl = await readApiUrl(dataDir, child)
      // If stderr is the closed output, the log lines of these requests are written to it.
      for (let request = 0; request < 3; request += 1) expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200)
      await fetch(`${apiUrl}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'nobody/nothing', messages: [{ role: 'user', content: 'Hello' }] }),
      })
      expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200)
      child.kill('SIGINT')
      expect(await exited).toEqual([0, null])
      expect(rest).not.toMatch(/EPIPE|^\s+at /m)
    },
    2 * WAIT_MS,
  )

  it.each([['models ls --json'], ['--help'], ['history --json']])(
    'exo %s ends without a word about it',
    async (command) => {
      const finished = await runProgram('sh', ['-c', `"${join(projectDir, 'exo')}" ${command} --data-dir "${dataDir}" | true`], {
        timeoutMs: WAIT_MS,
      })
      expect([finished.status, finished.stderr]).toEqual([0, ''])
    },
    2 * WAIT_MS,
  )

  it(
    'exo run ends its answer, however long that would be',
    async () => {
      expect((await runExo(['models', 'import', defaultModelFile, '--id', 'exo/small', '--data-dir', dataDir])).status).toBe(0)
      const endless = 'Write down all numbers from 1 to 100000, each in words.'
      const finished = await runProgram(
        'sh',
        ['-c', `"${join(projectDir, 'exo')}" run exo/small '${endless}' --temperature 0 --data-dir "${dataDir}" | head -c 1`],
        { timeoutMs: WAIT_MS },
      )
      expect(finished.stderr).toMatch(/^exo: The reader of the answer is gone\.\n$/m)
      expect(finished.stderr).not.toMatch(/EPIPE|^\s+at /m)
    },
    2 * WAIT_MS,
  )
})

async function readApiUrl(dataDir: string, child: ChildProcess): Promise<string> {
  const endMs = Date.now() + WAIT_MS
  while (Date.now() < endMs && child.exitCode === null) {
    const text = await readFile(join(dataDir, 'node.json'), 'utf8').catch(() => null) // missing until the node listens
    if (text !== null) return (JSON.parse(text) as { apiUrl: string }).apiUrl
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`The node did not listen (exit status ${child.exitCode}).`)
}
