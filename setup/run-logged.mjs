import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir, setupStateDir } from './project-paths.mjs'
import { SetupError } from './setup-error.mjs'

const TAIL_LINES = 30

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Stops the programs that set-up started, for when set-up itself is stopped. */
export function stopRunning() {
  for (const child of running) child.kill('SIGTERM')
}

/**
 * Runs a command and writes its output to a log file. The error of a failed command contains the last lines.
 *
 * @param {string} name - of the log
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} the whole output
 */
export async function runLogged(name, command, commandArguments, { cwd = projectDir, env = process.env } = {}) {
  mkdirSync(setupStateDir, { recursive: true })
  const logFile = join(setupStateDir, `${name}.log`)
  const log = createWriteStream(logFile)
  const child = spawn(command, commandArguments, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (/** @type {string} */ text) => {
      output += text
      log.write(text)
    })
  }
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  }).finally(() => {
    running.delete(child)
    log.end()
  })
  if (status === 0) return output
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  throw new SetupError(`${tail}\n\`${[command, ...commandArguments].join(' ')}\` failed (${status}). Full output: ${logFile}`)
}
