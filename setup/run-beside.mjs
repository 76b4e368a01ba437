import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { projectDir, setupStateDir } from './project-paths.mjs'

/** @typedef {{ passed: number, failed: number, skipped: number, lines: string[] }} Result */

/** The tests that wait for nodes measure time, so they come first when both want a core. */
const NICENESS = 5

/**
 * Runs suites in a process of their own, and prints their output when they have ended.
 *
 * @param {readonly string[]} chosen
 * @returns {Promise<Result>}
 */
export async function runBeside(chosen) {
  mkdirSync(setupStateDir, { recursive: true })
  const logFile = join(setupStateDir, 'suites-beside.log')
  const log = createWriteStream(logFile)
  const child = spawn(process.execPath, [join(projectDir, 'setup', 'test.mjs'), ...chosen], { stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) setPriority(child.pid, NICENESS)
  const stop = () => child.kill('SIGTERM')
  process.once('exit', stop)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  await new Promise((resolve) => child.once('close', resolve))
  process.off('exit', stop)
  await new Promise((resolve) => log.end(() => resolve(undefined)))
  const output = readFileSync(logFile, 'utf8')
  process.stdout.write(output)
  return readResult(output)
}

/**
 * Reads the last lines of a run: the results of its suites, and their sum.
 *
 * @param {string} output
 * @returns {Result}
 */
export function readResult(output) {
  const result = /\n([^\n]+(?:\n[^\n]+)*)\n(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n$/.exec(output)
  if (!result) return { passed: 0, failed: 1, skipped: 0, lines: ['a run of suites ended without a result'] }
  const [, lines = '', passed, failed, skipped = 0] = result
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped), lines: lines.split('\n') }
}
