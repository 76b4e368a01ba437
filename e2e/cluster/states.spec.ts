import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeByteTokenizer } from '../harness/byte-tokenizer.ts'
import { post } from '../node/call-api.ts'
import { projectDir, runProgram } from '../node/run-exo.ts'
import { type TimedAnswer, timeTokens } from '../node/time-tokens.ts'
import { referencePython } from '../reference/reference-answers.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import { Cluster, whenFormed } from './lab/cluster.ts'
import { place, remove } from './lab/instances.ts'

/** Tiny random models with delta nets, Mamba layers, layers of two kinds, or windows and shared keys. */
const MODELS = ['qwen3-next', 'qwen3-5-moe', 'kimi-linear', 'nemotron-h', 'gemma4']
const SAMPLING = { temperature: 0.7, seed: 5, ignore_eos: true }
const MAKE_MODELS = join(projectDir, 'native', 'parity', 'make_models.py')

const prompt = (length: number, salt = 0): number[] => Array.from({ length }, (_, at) => (at * at * 7 + at * 3 + salt * 11) % 250)

describe('models whose layers keep states or forget tokens, over two hosts', () => {
  let cluster: Cluster
  let nodes: ClusterNode[]
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-states-'))
    const names = MODELS.map((model) => `family-${model}`)
    const made = await runProgram(await referencePython(), [MAKE_MODELS, folder, ...names], { timeoutMs: 120_000 })
    expect(made.status, made.stderr).toBe(0)
    await Promise.all(names.map((name) => writeByteTokenizer(join(folder, name))))
    cluster = await Cluster.create(2)
    nodes = await Promise.all([1, 2].map((host) => cluster.start(host, { arguments: ['--no-default-model', '--max-memory', '2GB'] })))
    await whenFormed(nodes)
  })
  afterAll(async () => {
    if (process.env['EXO_LOGS']) console.log(cluster?.output())
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(MODELS)('%s gives the same text from the cache, with a draft, in company, and when a worker is killed', async (name) => {
    const model = join(folder, `family-${name}`)
    const [node] = nodes as [ClusterNode]
    const instance = await place(node, model, { sharding: 'pipeline', min_nodes: 2 })
    const ask = (promptTokens: number[], onToken?: () => void): Promise<TimedAnswer> =>
      timeTokens(node.apiUrl, { model, prompt: promptTokens, max_tokens: 24, ...SAMPLING }, undefined, onToken)
    const whole = async (settings: object) => {
      const { status, body } = await post(node.apiUrl, '/v1/completions', {
        model,
        prompt: prompt(150),
        max_tokens: 24,
        ...SAMPLING,
        ...settings,
      })
      expect(status, JSON.stringify(body)).toBe(200)
      return body
    }

    const first = await ask(prompt(150))
    const again = await ask(prompt(150))
    expect([first.cachedTokens, again.cachedTokens]).toEqual([0, 128])
    expect(again.tokenIds).toEqual(first.tokenIds)

    const prompts = Array.from({ length: 8 }, (_, salt) => [...prompt(100), ...prompt(1 + 9 * salt, salt)])
    const together = await Promise.all(prompts.map((each) => ask(each)))
    for (const [index, each] of prompts.slice(0, 3).entries()) expect((await ask(each)).tokenIds).toEqual(together[index]?.tokenIds)

    const plain = await whole({})
    const drafted = await whole({ draft_model: model })
    expect(drafted.choices[0].text).toBe(plain.choices[0].text)
    expect(drafted.timings.draft.proposed_tokens).toBeGreaterThan(0)

    let tokens = 0
    const broken = await ask(prompt(150), () => {
      if (++tokens === 6) for (const pid of nodes[1]!.workers()) process.kill(pid, 'SIGKILL')
    })
    expect(broken.tokenIds).toEqual(first.tokenIds)
    await remove(node, instance.instanceId)
  })
})
