// Python with mlx-lm and the openai client, for the checks against them; the product needs neither.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from './content-hash.mjs'
import { withProgressLine } from './progress-line.mjs'
import { cacheDir, projectDir } from './project-paths.mjs'
import { requireTools, tools } from './require-tools.mjs'
import { runLogged } from './run-logged.mjs'
import { withSetupLock } from './setup-lock.mjs'

const requirements = join(projectDir, 'setup', 'python', 'requirements.txt')

/**
 * Makes the environment of `requirements.txt`, once for each version of that file.
 *
 * @returns {Promise<string>} its Python
 */
export async function pythonEnvironment() {
  const folder = join(cacheDir, `python-${contentHash(['setup/python/requirements.txt'], undefined, [process.platform, process.arch]).slice(0, 16)}`)
  const python = join(folder, 'venv', 'bin', 'python')
  const stamp = join(folder, 'complete')
  if (existsSync(stamp) && existsSync(python)) return python
  requireTools([tools.python, tools.pip])
  mkdirSync(folder, { recursive: true })
  await withSetupLock(
    async () => {
      if (existsSync(stamp) && existsSync(python)) return
      await withProgressLine('Python packages (mlx-lm, openai)', async () => {
        rmSync(join(folder, 'venv'), { recursive: true, force: true })
        // Debian's Python comes without ensurepip, so the machine's pip fills the environment from outside.
        await runLogged('python-venv', 'python3', ['-m', 'venv', '--without-pip', join(folder, 'venv')])
        const install = ['install', '--quiet', '--no-input', '--require-hashes', '--only-binary', ':all:', '-r', requirements]
        await runLogged('python-packages', 'python3', ['-m', 'pip', '--python', python, ...install])
        writeFileSync(stamp, '')
      })
    },
    (processId) => process.stderr.write(`exo: waiting for the Python packages that process ${processId} installs\n`),
    folder,
  )
  return python
}
