import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const script = new URL('make_models.py', import.meta.url).pathname
const sources = [script, new URL('family_cases.py', import.meta.url).pathname]

/**
 * Returns the folder of make_models.py's models, and creates those that are missing or were made by other scripts.
 *
 * @param python - a Python with mlx-lm
 * @param names - the wanted models; empty: all
 */
export function parityModels(cacheDir: string, python: string, names: readonly string[]): string {
  const version = createHash('sha256')
    .update(Buffer.concat(sources.map((path) => readFileSync(path))))
    .digest('hex')
    .slice(0, 16)
  const folder = join(cacheDir, `parity-models-${version}`)
  for (const old of existsSync(cacheDir) ? readdirSync(cacheDir) : []) {
    if (old.startsWith('parity-models-') && join(cacheDir, old) !== folder) rmSync(join(cacheDir, old), { recursive: true, force: true })
  }
  mkdirSync(folder, { recursive: true })
  const complete = join(folder, '.complete')
  const isThere = names.length > 0 ? names.every((name) => existsSync(join(folder, name))) : existsSync(complete)
  if (isThere) return folder
  execFileSync(python, [script, folder, ...names], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (names.length === 0) writeFileSync(complete, '')
  return folder
}
