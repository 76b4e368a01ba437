import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reportFigure } from './node/report-figure.ts'
import { projectDir, runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

/** Copies the files that a clone contains: no packages, no build, no bundle. */
async function copyCheckout(target: string): Promise<void> {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: projectDir, encoding: 'utf8' })
  for (const file of files.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await cp(join(projectDir, file), join(target, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error // the file is deleted but not yet committed
    })
  }
}

const SET_UP_MS = 600_000

let clone: string
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'exo-clone-'))
  await copyCheckout(clone)
})
afterAll(() => rm(clone, { recursive: true, force: true }))

it('a fresh clone, started twice at once, sets itself up once; both nodes answer', { timeout: SET_UP_MS + 60_000 }, async () => {
  const launcher = join(clone, 'exo')
  const nodes = await Promise.allSettled([startExo({ launcher, timeoutMs: SET_UP_MS }), startExo({ launcher, timeoutMs: SET_UP_MS })])
  const running = nodes.filter((node): node is PromiseFulfilledResult<RunningExo> => node.status === 'fulfilled').map(({ value }) => value)
  try {
    expect(nodes.filter(({ status }) => status === 'rejected')).toEqual([])
    reportFigure('fresh clone to ready', Math.max(...running.map(({ readyMs }) => readyMs ?? Infinity)) / 1000, 's')
    const setUps = running.filter((node) => /exo: native engine/.test(node.output()))
    expect(setUps).toHaveLength(1)
    for (const node of running) {
      const client = new OpenAI({ baseURL: `${node.apiUrl}/v1`, apiKey: 'unused' })
      const [model] = (await client.models.list()).data
      const stream = await client.chat.completions.create({
        model: model?.id ?? '',
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        temperature: 0,
        max_tokens: 64,
        stream: true,
      })
      let text = ''
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      expect(text).toContain('Paris')
    }
  } finally {
    await Promise.all(running.map((node) => node.stop()))
  }
  const again = await runExo(['--version'], { launcher })
  expect([again.status, again.stderr]).toEqual([0, ''])
})
