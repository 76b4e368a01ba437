import { describe, expect, it } from 'vitest'
import { readResult } from './run-beside.mjs'

const suites =
  'unit         3 passed    1 failed  2.0 s\nengine       4 passed    0 failed  1.0 s\nFAILED unit: a.test.ts: adds: expected 2'

describe('readResult', () => {
  it('reads the results of the suites and their sum from the end of the output', () => {
    const output = `== unit: unit tests\n\n2 passed, 0 failed\nmore text\n\n${suites}\n7 passed, 1 failed, 2 skipped\n`
    expect(readResult(output)).toEqual({ passed: 7, failed: 1, skipped: 2, lines: suites.split('\n') })
    expect(readResult(`\n${suites}\n7 passed, 1 failed\n`)).toMatchObject({ passed: 7, failed: 1, skipped: 0 })
  })
  it.each(['', 'killed\n', `\n${suites}\n`, '\n2 passed, 0 failed\nand then it crashed\n'])(
    'counts a run without a result as failed: %j',
    (output) => {
      expect(readResult(output)).toMatchObject({ passed: 0, failed: 1 })
    },
  )
})
