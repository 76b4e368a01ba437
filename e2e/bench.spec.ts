import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runExo } from './node/run-exo.ts'
import { type RunningExo, startExo } from './node/start-exo.ts'

const CONFIG = 'models: [default]\nprompt_tokens: 32\noutput_tokens: 8\nconcurrency: [1, 2]\nrepeats: 1\nwarmup: 1\n'

describe('exo bench', () => {
  let node: RunningExo
  let folder: string
  const file = (name: string): string => join(folder, name)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-bench-'))
    await writeFile(file('small.yaml'), CONFIG)
    node = await startExo()
  })
  afterAll(async () => {
    await node?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('measures the running node, in figures for programs, and tells its progress', async () => {
    const { status, stdout, stderr } = await runExo(['bench', '--config', file('small.yaml'), '--json', '--data-dir', node.dataDir])
    expect([status, stderr]).toEqual([0, expect.stringMatching(/\[1\/2].*warm-up 1 of 1[^]*\[2\/2].*run 1 of 1/)])
    await writeFile(file('earlier.json'), stdout)
    const { rows } = JSON.parse(stdout) as { rows: Record<string, any>[] }
    expect(
      rows.map(({ promptTokens, outputTokens, concurrency, requests, failed, error }) => ({
        promptTokens,
        outputTokens,
        concurrency,
        requests,
        failed,
        error,
      })),
    ).toEqual([
      { promptTokens: 32, outputTokens: 8, concurrency: 1, requests: 1, failed: 0, error: null },
      { promptTokens: 32, outputTokens: 8, concurrency: 2, requests: 2, failed: 0, error: null },
    ])
    for (const row of rows) {
      for (const name of ['prefillTokensPerSecond', 'decodeTokensPerSecond', 'totalTokensPerSecond'])
        expect(row[name], name).toBeGreaterThan(0)
      for (const name of ['ttftMs', 'interTokenMs'])
        expect(row[name].p50 > 0 && row[name].p95 >= row[name].p50 && row[name].p99 >= row[name].p95, name).toBe(true)
      // A single rank sends nothing to others.
      expect([
        Object.keys(row['peakMemoryBytes']),
        row['peakMemoryBytes'][Object.keys(row['peakMemoryBytes'])[0]!] > 50e6,
        row['linkBytes'],
      ]).toEqual([[expect.any(String)], true, 0])
    }
  })

  it('compares with an earlier result, and gives a table or CSV', async () => {
    const [table, csv] = await Promise.all([
      runExo(['bench', '--config', file('small.yaml'), '--baseline', file('earlier.json'), '--data-dir', node.dataDir]),
      runExo(['bench', '--config', file('small.yaml'), '--csv', '--data-dir', node.dataDir]),
    ])
    expect(table.stdout).toMatch(/MODEL +HOW +PROMPT\+OUT .* TTFT MS p50\/95\/99 .*PEAK MEMORY.*\n.* \d+\.\d\dx/)
    expect(csv.stdout.split('\n')[0]).toBe(
      'model,strategy,backend,prompt_tokens,output_tokens,concurrency,requests,failed,' +
        'prefill_tokens_per_second,decode_tokens_per_second,total_tokens_per_second,ttft_ms_p50,ttft_ms_p95,' +
        'ttft_ms_p99,inter_token_ms_p50,inter_token_ms_p95,inter_token_ms_p99,peak_memory_bytes,link_bytes,error',
    )
    expect(csv.stdout.trim().split('\n')).toHaveLength(3)
  })

  it('measures any server with the API of OpenAI the same way', async () => {
    const { status, stdout } = await runExo(['bench', '--config', file('small.yaml'), '--url', `${node.apiUrl}/v1`, '--json'])
    expect([status, (JSON.parse(stdout) as { rows: { failed: number }[] }).rows.map(({ failed }) => failed)]).toEqual([0, [0, 0]])
  })

  it('names every unknown key of its file, and a file that is not there', async () => {
    await writeFile(file('wrong.yaml'), 'models: [default]\nwarmups: 3\nprompts: 2\n')
    const wrong = await runExo(['bench', '--config', file('wrong.yaml')])
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('unknown keys warmups, prompts')])
    const missing = await runExo(['bench', '--config', file('none.yaml')])
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('none.yaml')])
  })
})
