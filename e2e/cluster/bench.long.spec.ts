import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reportFigure } from '../node/report-figure.ts'
import { ask, type Question } from './lab/ask.ts'
import type { ClusterNode } from './lab/cluster-node.ts'
import type { Reference } from './lab/reference.ts'
import { useReferenceCluster } from './lab/use-reference-cluster.ts'

const QUESTION: Question = { prompt: 'Once upon a time, in a machine room,', temperature: 0, maxTokens: 8 }

describe('a comparison of placements', () => {
  let nodes: ClusterNode[]
  let reference: Reference
  useReferenceCluster(3, [QUESTION], (formed) => void ({ nodes, reference } = formed))

  it('exo bench --cluster compares every placement and says which to take', { timeout: 240_000 }, async () => {
    const [first] = nodes as [ClusterNode]
    const config = join(first.dataDir, 'bench.yaml')
    await writeFile(config, 'prompt_tokens: 32\noutput_tokens: 8\nconcurrency: 1\nrepeats: 1\nwarmup: 0\n')
    const startedMs = performance.now()
    const { status, stdout, stderr } = await first.exo('bench', '--cluster', '--model', reference.model, '--config', config)
    expect(status, stderr).toBe(0)
    reportFigure('comparison of all placements of a small model on three nodes', (performance.now() - startedMs) / 1000, 's')
    const table = stdout.split('\n\n')[0]?.split('\n').slice(1) ?? []
    // Three nodes alone, three pairs and one group of three as pipelines, and tensors over three: two do not divide its heads.
    expect(table).toHaveLength(3 + 4 + 1)
    expect(stdout).toContain('tensor/ring: ')
    expect(table.every((row) => /\d+\.\d/.test(row))).toBe(true)
    expect(stdout).toMatch(/For the fastest single answer: .*\n {2}exo load /)
    const command = /exo (load .*)/.exec(stdout)?.[1]?.split(' ') ?? []
    expect(await first.exo(...command)).toMatchObject({ status: 0 })
    expect((await ask(first.apiUrl, reference.model, QUESTION)).text).toBe(reference.answers[0]?.text)
    expect(await first.exo('bench', '--cluster', '--model', reference.model)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('exo unload'),
    })
  })
})
