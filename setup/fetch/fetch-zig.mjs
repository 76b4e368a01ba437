import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { cacheDir } from '../project-paths.mjs'
import { runLogged } from '../run-logged.mjs'

const ZIG_VERSION = '0.17.1'

/** sha256 of PyPI's `ziglang` wheels. */
const WHEELS = {
  'linux-x64': 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
  'linux-arm64': 'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
}

/** Whether zig is available here. It is not needed on a Mac, where the system's compiler builds the addon. */
export function hasZig() {
  return `${platform()}-${arch()}` in WHEELS
}

/**
 * Downloads zig, a cross-compiler with the headers and libSystem of macOS, from PyPI. Returns at once if it is in the cache.
 *
 * @returns {Promise<string>} path of the program
 */
export async function fetchZig() {
  const sha256 = WHEELS[/** @type {keyof typeof WHEELS} */ (`${platform()}-${arch()}`)]
  if (!sha256) throw new Error(`zig is pinned for ${Object.keys(WHEELS).join(' and ')} only`)
  const folder = join(cacheDir, `zig-${ZIG_VERSION}`)
  const program = join(folder, 'ziglang', 'zig')
  if (existsSync(program)) return program
  mkdirSync(cacheDir, { recursive: true })
  // Installed in a temporary folder and renamed, so that an interrupted run leaves no incomplete folder.
  const scratch = mkdtempSync(join(cacheDir, 'fetching-zig-'))
  try {
    const requirements = join(scratch, 'requirements.txt')
    writeFileSync(requirements, `ziglang==${ZIG_VERSION} --hash=sha256:${sha256}\n`)
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile']
    await runLogged('fetch-zig', 'python3', ['-m', 'pip', 'install', ...options, '--target', join(scratch, 'zig'), '-r', requirements])
    if (!existsSync(folder)) renameSync(join(scratch, 'zig'), folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return program
}
