import { describe, expect, it } from 'vitest'
import { diagnoseExit, type ExitFacts } from './diagnose-exit.ts'
import { LastLines } from './last-lines.ts'

const facts = (changes: Partial<ExitFacts>): ExitFacts => ({
  label: 'rank 0',
  exitCode: null,
  signal: null,
  stderrLines: [],
  killedFor: null,
  systemRanOutOfMemory: false,
  ...changes,
})

describe('diagnoseExit', () => {
  it.each([
    ['crashed', { signal: 'SIGSEGV' }, 'crashed (SIGSEGV)'],
    ['crashed', { signal: 'SIGABRT', stderrLines: ['Assertion failed'] }, 'Last output: Assertion failed'],
    ['crashed', { exitCode: 139 }, 'crashed (exit status 139)'],
    ['out-of-memory', { signal: 'SIGABRT', stderrLines: ['what():  std::bad_alloc'] }, 'smaller model'],
    [
      'out-of-memory',
      { signal: 'SIGABRT', stderrLines: ['[METAL] Command buffer execution failed: Insufficient Memory (00000008)'] },
      'smaller model',
    ],
    ['out-of-memory', { signal: 'SIGKILL', systemRanOutOfMemory: true }, 'ran out of memory'],
    [
      'out-of-memory',
      { signal: 'SIGABRT', stderrLines: ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'] },
      'smaller model',
    ],
    ['killed', { signal: 'SIGKILL' }, 'SIGKILL'],
    ['killed', { signal: 'SIGTERM' }, 'from outside (SIGTERM)'],
    ['exited', { exitCode: 1 }, 'exit status 1'],
    ['hung', { signal: 'SIGKILL', killedFor: 'stuck' }, 'no progress'],
    ['hung', { signal: 'SIGKILL', killedFor: 'silent' }, 'stopped answering'],
    ['not-started', {}, 'could not be started'],
  ] as const)('finds %s in %o', (reason, changes, words) => {
    const error = diagnoseExit(facts(changes))
    expect(error).toMatchObject({ code: 'worker-died', details: { reason, worker: 'rank 0' } })
    expect(error.message).toContain(words)
  })

  it('quotes the last lines only', () => {
    const stderrLines = Array.from({ length: 20 }, (_, line) => `line ${line}`)
    expect(diagnoseExit(facts({ signal: 'SIGSEGV', stderrLines })).details['stderrLines']).toEqual([
      'line 15',
      'line 16',
      'line 17',
      'line 18',
      'line 19',
    ])
  })
})

describe('LastLines', () => {
  it('joins pieces, keeps the last lines, and bounds what it keeps', () => {
    const lines = new LastLines(3, 8)
    expect(lines.push('one\ntw')).toEqual(['one'])
    expect(lines.push('o\n\nthree\nfour\nunfin')).toEqual(['two', 'three', 'four'])
    expect(lines.lines()).toEqual(['three', 'four', 'unfin'])
    lines.push('x'.repeat(1000))
    expect(lines.lines().at(-1)).toBe('unfinxxx')
  })
})
