// Downloads the source of xgrammar, which the engine compiles in, into the cache, once.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'

const VERSION = '0.2.9'
const SHA256 = '87b466bca2475e29bb0323abc62c6c33cbcbcff47e5fb800a3e2099ac9620b90'

/** The folder of the unpacked source, whether or not it exists yet. */
export const xgrammarFolder = () => join(cacheDir, `xgrammar-${VERSION}`)

/**
 * pip asks an archive's build backend for its metadata, even to download it. This one answers in place of the archive's own,
 * which would first be downloaded with all its dependencies.
 */
const BACKEND = `import os

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    name = "xgrammar-${VERSION}.dist-info"
    os.makedirs(os.path.join(folder, name))
    with open(os.path.join(folder, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: xgrammar\\nVersion: ${VERSION}\\n")
    return name
`

/**
 * Downloads the official source archive, checks it against its pinned hash and unpacks it. Returns at once if it is already there.
 *
 * @returns {Promise<string>} the folder that holds `cpp/`, `include/` and `3rdparty/`
 * @throws SetupError if pip fails
 */
export async function fetchXgrammar() {
  const folder = xgrammarFolder()
  if (existsSync(folder)) return folder
  mkdirSync(cacheDir, { recursive: true })
  // Unpacked in a temporary folder and renamed, so that an interrupted run leaves no incomplete folder.
  const scratch = mkdtempSync(join(cacheDir, 'fetching-xgrammar-'))
  try {
    mkdirSync(join(scratch, 'backend', 'scikit_build_core'), { recursive: true })
    writeFileSync(join(scratch, 'backend', 'scikit_build_core', '__init__.py'), '')
    writeFileSync(join(scratch, 'backend', 'scikit_build_core', 'build.py'), BACKEND)
    const requirements = join(scratch, 'requirements.txt')
    writeFileSync(requirements, `xgrammar==${VERSION} --hash=sha256:${SHA256}\n`)
    const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--no-binary=:all:', '--no-build-isolation']
    await runLogged(
      'fetch-xgrammar',
      'python3',
      ['-m', 'pip', 'download', ...options, '--require-hashes', '--dest', scratch, '-r', requirements],
      {
        env: { ...process.env, PYTHONPATH: join(scratch, 'backend') },
      },
    )
    await runLogged('unpack-xgrammar', 'python3', ['-m', 'tarfile', '-e', join(scratch, `xgrammar-${VERSION}.tar.gz`), scratch])
    if (!existsSync(folder)) renameSync(join(scratch, `xgrammar-${VERSION}`), folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await fetchXgrammar())
