import { spawn } from 'node:child_process'
import { projectDir } from '../project-paths.mjs'

/**
 * Runs a program to its end and keeps what it writes to stdout, and to stderr if `keepsErrors`.
 *
 * @param {string} command
 * @param {readonly string[]} commandArguments
 * @returns {Promise<{ isRight: boolean, output: string }>} `isRight`: its exit status is 0
 */
export function runQuietly(command, commandArguments, { keepsErrors = true } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: projectDir, stdio: ['ignore', 'pipe', keepsErrors ? 'pipe' : 'ignore'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('error', reject)
    child.once('close', (status) => resolve({ isRight: status === 0, output }))
  })
}
