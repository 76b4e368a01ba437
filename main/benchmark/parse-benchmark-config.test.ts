import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchmarkCases } from './benchmark-config.ts'
import { parseBenchmarkConfig } from './parse-benchmark-config.ts'

const problemsOf = (text: string): unknown => {
  try {
    return parseBenchmarkConfig(text, 'b.yaml')
  } catch (error) {
    return (error as { code: string; details: { problems: string[] } }).details.problems
  }
}

describe('the configuration of a benchmark', () => {
  it('has a default for everything, and takes one value for a list', () => {
    expect(parseBenchmarkConfig('', 'b.yaml')).toMatchObject({
      models: ['default'],
      prompt_tokens: [128],
      output_tokens: [64],
      concurrency: [1],
      strategies: ['auto'],
      backends: ['auto'],
      repeats: 3,
      warmup: 1,
    })
    expect(parseBenchmarkConfig('models: a/b\nprompt_tokens: 7', 'b.yaml')).toMatchObject({ models: ['a/b'], prompt_tokens: [7] })
  })

  it('names every unknown key and every wrong value', () => {
    expect(problemsOf('modles: [a]\nrepeat: 2')).toEqual([
      expect.stringMatching(/^unknown keys modles, repeat \(known keys: name, models, /),
    ])
    expect(problemsOf('prompt_tokens: [1, many]\nstrategies: [sideways]\nrepeats: 0')).toEqual([
      expect.stringMatching(/^prompt_tokens\.1: /),
      expect.stringMatching(/^strategies\.0: /),
      expect.stringMatching(/^repeats: /),
    ])
    expect(problemsOf('[1, 2]')).toEqual([expect.stringMatching(/^the top level: /)])
    expect(problemsOf('models: []')).toEqual([expect.stringMatching(/^models: /)])
    expect(problemsOf('models: [a')).toHaveLength(1)
    expect(problemsOf('a: &a [*a, *a]')).toHaveLength(1)
  })

  it('makes a case of every combination, those of a placement side by side', () => {
    const cases = benchmarkCases(
      parseBenchmarkConfig('models: [a, b]\nstrategies: [pipeline, tensor]\nprompt_tokens: [1, 2]\nconcurrency: [1, 4]', 'b.yaml'),
    )
    expect(cases).toHaveLength(16)
    const placements = cases.map(({ model, strategy }) => `${model} ${strategy}`)
    expect(placements.filter((placement, index) => placement !== placements[index - 1])).toEqual([
      'a pipeline',
      'a tensor',
      'b pipeline',
      'b tensor',
    ])
  })

  it('of the repository is valid', () => {
    const file = join(import.meta.dirname, '..', '..', 'bench_simple.yaml')
    expect(benchmarkCases(parseBenchmarkConfig(readFileSync(file, 'utf8'), file)).length).toBeGreaterThan(1)
  })
})
