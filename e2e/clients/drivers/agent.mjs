// Runs a command-line coding agent in a folder with one file and asks it about that file.
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const QUESTION = 'What does a.txt say?'

const program = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))

/** Runs an agent by `exo launch`, without any setting of its own. */
export function launchAgent(tool, commandArguments) {
  const { EXO_PROGRAM, EXO_DATA_DIR, EXO_MODEL, PATH } = process.env
  const launch = ['launch', '--data-dir', EXO_DATA_DIR, '--model', EXO_MODEL, tool, '--', ...commandArguments]
  const env = { PATH: [dirname(program(tool)), PATH].join(delimiter) }
  return runAgent(tool, launch, { env, start: EXO_PROGRAM, limitMs: 160_000 })
}

/** @returns its whole output and its exit status */
export async function runAgent(name, commandArguments, { env = {}, limitMs = 80_000, onStart, start = program(name) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'exo-agent-'))
  writeFileSync(join(folder, 'a.txt'), 'The word is banana.\n')
  const child = spawn(start, commandArguments, {
    cwd: folder,
    env: { ...process.env, PWD: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  onStart?.(child)
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  return { output, status }
}

/** Fails with the agent's whole output unless it matches `pattern`. */
export function says(pattern, { output, status }) {
  if (!pattern.test(output)) throw new Error(`expected ${pattern} (exit status ${status}) in:\n${output.slice(-1500)}`)
}
