// The Python packages that tests need: mlx-lm and the openai client as references, and clang-format. The product needs none.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contentHash } from '../state/content-hash.mjs'
import { withProgressLine } from '../progress-line.mjs'
import { cacheDir, projectDir } from '../project-paths.mjs'
import { requireTools, tools } from './require-tools.mjs'
import { runLogged } from '../run-logged.mjs'
import { withSetupLock } from '../state/setup-lock.mjs'

/** The packages of each environment, by the name of its file in `setup/python`. */
const contents = { requirements: 'mlx-lm, openai', 'clang-format': 'clang-format', 'clang-tidy': 'clang-tidy' }

/**
 * Creates the environment of a requirements file, once for each version of that file.
 *
 * @param {keyof typeof contents} name - of the file in `setup/python`
 * @returns {Promise<string>} path of its Python
 */
export async function pythonEnvironment(name = 'requirements') {
  const file = `setup/python/${name}.txt`
  const hash = contentHash([file], undefined, [process.platform, process.arch]).slice(0, 16)
  // The first environment keeps its old name, from when it was the only one.
  const folder = join(cacheDir, name === 'requirements' ? `python-${hash}` : `python-${name}-${hash}`)
  const python = join(folder, 'venv', 'bin', 'python')
  const stamp = join(folder, 'complete')
  if (existsSync(stamp) && existsSync(python)) return python
  requireTools([tools.python, tools.pip])
  mkdirSync(folder, { recursive: true })
  await withSetupLock(
    async () => {
      if (existsSync(stamp) && existsSync(python)) return
      await withProgressLine(`Python packages (${contents[name]})`, async () => {
        rmSync(join(folder, 'venv'), { recursive: true, force: true })
        // Debian's Python lacks ensurepip, so the system's pip installs into the environment from outside.
        await runLogged('python-venv', 'python3', ['-m', 'venv', '--without-pip', join(folder, 'venv')])
        const install = ['install', '--quiet', '--no-input', '--require-hashes', '--only-binary', ':all:', '-r', join(projectDir, file)]
        await runLogged('python-packages', 'python3', ['-m', 'pip', '--python', python, ...install])
        writeFileSync(stamp, '')
      })
    },
    (processId) => process.stderr.write(`exo: waiting for process ${processId} to install the Python packages\n`),
    folder,
  )
  return python
}
