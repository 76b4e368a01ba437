import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { post } from '../../node/call-api.ts'
import { defaultModelFile } from '../../node/default-model.ts'
import { reportFigure } from '../../node/report-figure.ts'
import { ask } from '../lab/ask.ts'
import type { ClusterNode } from '../lab/cluster-node.ts'
import { Cluster } from '../lab/cluster.ts'

const MB = 1e6
const LOOK_MS = 100

/** Takes minutes, so only `npm run chaos` runs it. */
describe.runIf(process.env['EXO_CHAOS_MINUTES'])('the memory of a worker', () => {
  let cluster: Cluster
  beforeEach(async () => {
    cluster = await Cluster.create(1)
  })
  afterEach(() => cluster?.close())

  it.each([350, 450])(
    'F8: is what --max-memory %i MB says in all, however many prompts come and however long',
    async (limitMb) => {
      const node = await cluster.start(1, { arguments: ['--no-default-model', '--max-memory', `${limitMb}MB`, '--log-level', 'info'] })
      const model = `exo/limited-${limitMb}`
      expect((await node.exo('models', 'import', defaultModelFile, '--id', model)).status).toBe(0)
      const most = watch(node)
      const words = (index: number, count: number): string => Array.from({ length: count }, (_, at) => `w${index}x${at % 97}`).join(' ')
      const long = [0, 1].map((index) => ask(node.apiUrl, model, { prompt: words(index, 350), temperature: 0, maxTokens: 16 }))
      const short = Array.from({ length: 10 }, (_, index) =>
        ask(node.apiUrl, model, { prompt: words(index + 2, 60), temperature: 0, maxTokens: 40 }),
      )
      for (const { text } of await Promise.all([...long, ...short])) expect(text).not.toBe('')
      const mostBytes = most()
      reportFigure(`most memory of a worker that may have ${limitMb} MB`, mostBytes / MB, 'MB')
      expect(mostBytes).toBeLessThanOrEqual(limitMb * MB * 1.05)
      await node.stop()
    },
    900_000,
  )

  it('F8: holds for a draft as well, which is let in only where there is room for its weights and caches', async () => {
    for (const { limitMb, status } of [
      { limitMb: 700, status: 400 },
      { limitMb: 1200, status: 200 },
    ]) {
      const node = await cluster.start(1, { arguments: ['--no-default-model', '--max-memory', `${limitMb}MB`, '--log-level', 'info'] })
      const model = `exo/drafted-${limitMb}`
      expect((await node.exo('models', 'import', defaultModelFile, '--id', model)).status).toBe(0)
      const most = watch(node)
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, index) =>
          post(node.apiUrl, '/v1/completions', {
            model,
            prompt: Array.from({ length: 200 }, (__, at) => `w${index}x${at % 97}`).join(' '),
            temperature: 0,
            max_tokens: 40,
            ignore_eos: true,
            draft_model: model,
          }),
        ),
      )
      for (const answer of answers) {
        expect(answer.status, JSON.stringify(answer.body)).toBe(status)
        if (status === 400)
          expect(answer.body.error).toMatchObject({ param: 'draft_model', message: expect.stringContaining('--max-memory') })
      }
      const mostBytes = most()
      reportFigure(`most memory of a worker with a draft that may have ${limitMb} MB`, mostBytes / MB, 'MB')
      expect(mostBytes).toBeLessThanOrEqual(limitMb * MB * 1.05)
      await node.stop()
    }
  }, 900_000)
})

/** The peak memory of the node's workers. */
function watch(node: ClusterNode): () => number {
  let most = 0
  const timer = setInterval(() => {
    for (const pid of node.workers()) most = Math.max(most, residentBytes(pid))
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    return most
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0 // it has ended
  }
}
