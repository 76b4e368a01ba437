import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { toProcessExit } from './to-process-exit.ts'

it.each([
  [0, { exitCode: 0, signal: null }],
  [1, { exitCode: 1, signal: null }],
  [constants.signals.SIGKILL, { exitCode: null, signal: 'SIGKILL' }],
  [constants.signals.SIGSEGV, { exitCode: null, signal: 'SIGSEGV' }],
  [134, { exitCode: 134, signal: null }],
  [null, { exitCode: null, signal: null }],
])('reads %s', (exitCode, exit) => expect(toProcessExit(exitCode)).toEqual(exit))
