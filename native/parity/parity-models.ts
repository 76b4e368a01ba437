import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const script = new URL('make_models.py', import.meta.url).pathname
const sources = [script, new URL('family_cases.py', import.meta.url).pathname]

/**
 * Returns the folder of make_models.py's models, and creates it if it is missing or the scripts have changed.
 *
 * @param python - a Python with mlx-lm
 */
export function parityModels(cacheDir: string, python: string): string {
  const version = createHash('sha256')
    .update(Buffer.concat(sources.map((path) => readFileSync(path))))
    .digest('hex')
    .slice(0, 16)
  const folder = join(cacheDir, `parity-models-${version}`)
  if (existsSync(folder)) return folder
  for (const old of existsSync(cacheDir) ? readdirSync(cacheDir) : []) {
    if (old.startsWith('parity-models-')) rmSync(join(cacheDir, old), { recursive: true, force: true })
  }
  const scratch = `${folder}.${process.pid}`
  mkdirSync(scratch, { recursive: true })
  execFileSync(python, [script, scratch], { stdio: ['ignore', 'inherit', 'inherit'] })
  renameSync(scratch, folder)
  return folder
}
