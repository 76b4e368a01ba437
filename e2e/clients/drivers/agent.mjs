// Runs command-line coding agents in a folder with one file and asks them about that file.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ABSENT, cancels, flow, holds, isGenerating, model, REFUSAL, url } from './flows.mjs'

export const QUESTION = 'What does a.txt say?'
/** More tokens than the model's context holds: it has one for each digit. */
export const TOO_LONG = `Which is the last digit? ${'0123456789'.repeat(15_000)}`
const ENDLESS = 'Count on and on.'
/** A program that does not end itself when it is interrupted is killed. */
const INTERRUPT_LIMIT_MS = 5_000

// Agents continue the last conversation of a folder.
const folder = mkdtempSync(join(tmpdir(), 'exo-agent-'))
writeFileSync(join(folder, 'a.txt'), 'The word is banana.\n')

const program = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url))

/**
 * The flows of an agent that answers one question and ends.
 *
 * @param name of its program
 * @param command gives its arguments for a question and a model; `isNext` says that the question continues the last conversation
 * @param launch gives its arguments behind `exo launch`
 * @param interrupt the signal that ends it; by default that of Ctrl-C
 */
export async function agentFlows(name, command, { env, hasNext = false, launch, saysRefusal = true, interrupt = 'SIGINT' } = {}) {
  const ask = (question, at = model, { isNext = false, ...options } = {}) =>
    runAgent(name, command(question, at, isNext), { env, ...options })
  await flow('tools', async () => says(/It says banana/, await ask(QUESTION)))
  if (hasNext) {
    await flow('multi-turn', async () => {
      await ask('My name is Ann.')
      says(/Your name is Ann/, await ask('What is my name?', model, { isNext: true }))
    })
  }
  await flow('cancel', () => cancels(() => ask(ENDLESS, model, { onStart: (child) => endWhileItAnswers(child, interrupt) })))
  await flow('errors', async () => holds(saysRefusal ? REFUSAL : ABSENT, (await ask(QUESTION, ABSENT)).output.replace(/\s+/g, ' ')))
  if (launch) await flow('launch', async () => says(/It says banana/, await launchAgent(name, launch(QUESTION))))
}

/** Sends a signal once the node generates an answer. */
async function endWhileItAnswers(child, signal) {
  while (!(await isGenerating())) {
    if (child.exitCode !== null || child.signalCode !== null) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  signalGroup(child, signal)
  setTimeout(() => signalGroup(child, 'SIGKILL'), INTERRUPT_LIMIT_MS).unref()
}

/** Signals a program and those that it has started, as a terminal does. */
function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** Runs an agent by `exo launch`, without any setting of its own. */
function launchAgent(tool, commandArguments) {
  const { EXO_PROGRAM, EXO_DATA_DIR, EXO_MODEL, PATH } = process.env
  const launch = ['launch', '--data-dir', EXO_DATA_DIR, '--model', EXO_MODEL, tool, '--', ...commandArguments]
  const env = { PATH: [dirname(program(tool)), PATH].join(delimiter) }
  return runAgent(tool, launch, { env, start: EXO_PROGRAM, limitMs: 280_000 })
}

/** The AI SDK's providers by the names that the configuration gives them. */
export const OPENCODE_PROVIDERS = {
  exo: '@ai-sdk/openai-compatible',
  'exo-messages': '@ai-sdk/anthropic',
  'exo-responses': '@ai-sdk/openai',
}

/** Writes the configuration of opencode, or of a fork of it, with the node as a provider. */
export function writeOpencodeConfig(name, settings) {
  const home = join(process.env.HOME, '.config', name)
  mkdirSync(home, { recursive: true })
  const models = Object.fromEntries([model, ABSENT].map((id) => [id, { name: id }]))
  const options = { baseURL: `${url}/v1`, apiKey: 'unused' }
  const provider = Object.fromEntries(Object.entries(OPENCODE_PROVIDERS).map(([id, npm]) => [id, { npm, name: id, options, models }]))
  writeFileSync(join(home, `${name}.json`), JSON.stringify({ provider, ...settings }))
}

/**
 * @param options.input what it reads from its standard input
 * @returns its whole output and its exit status
 */
export async function runAgent(name, commandArguments, { env = {}, limitMs = 140_000, onStart, start = program(name), input } = {}) {
  const child = spawn(start, commandArguments, {
    cwd: folder,
    env: { ...process.env, PWD: folder, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  // A program that ends before it has read all closes the pipe.
  child.stdin?.on('error', () => {}).end(input)
  const limit = setTimeout(() => signalGroup(child, 'SIGKILL'), limitMs)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  await onStart?.(child)
  const status = await ended
  clearTimeout(limit)
  return { status, output }
}

/** Fails with the agent's whole output unless it matches `pattern`. */
export function says(pattern, { output, status }) {
  if (!pattern.test(output)) throw new Error(`expected ${pattern} (exit status ${status}) in:\n${output.slice(-1500)}`)
}
