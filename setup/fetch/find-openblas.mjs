import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { runLogged } from '../run-logged.mjs'

const INSTALL = ['install', '-y', '-qq', '--no-install-recommends', 'libopenblas0-pthread']
const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib']

/** The path of OpenBLAS's shared library, or null. */
export function installedOpenBlas() {
  const candidates = FOLDERS.flatMap((folder) => [`${folder}/libopenblas.so.0`, `${folder}/openblas-pthread/libopenblas.so.0`])
  return candidates.find((path) => existsSync(path)) ?? null
}

/**
 * Finds OpenBLAS, which on Linux replaces the reference BLAS of MLX's wheel (30 times slower in large matrix
 * products). As root on Debian, installs it; otherwise prints the command that does. Not needed on macOS.
 *
 * @returns {Promise<string | null>} the library's path; null: the build continues without it
 */
export async function findOpenBlas() {
  if (platform() !== 'linux') return null
  const found = installedOpenBlas()
  if (found) return found
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    try {
      await runLogged('apt-update', 'apt-get', ['update', '-qq'])
      await runLogged('apt-openblas', 'apt-get', INSTALL, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    } catch (error) {
      console.error(`exo: OpenBLAS could not be installed: ${error instanceof Error ? error.message : error}`)
    }
    return installedOpenBlas()
  }
  console.error(`exo: OpenBLAS is not installed: matrix products will be slow. To install it: sudo apt-get install libopenblas0-pthread`)
  return null
}
