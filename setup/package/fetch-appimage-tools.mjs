import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cacheDir } from '../project-paths.mjs'
import { requireTools, tools } from '../tools/require-tools.mjs'
import { runLogged } from '../run-logged.mjs'
import { SetupError } from '../setup-error.mjs'

/** The crate that contains the runtime at the start of an AppImage, which mounts the rest of the file. */
const CRATE = { name: 'appimage', version: '0.4.0' }
const RUNTIME_SHA256 = '328e0d745c5c6817048c27bc3e8314871703f8f47ffa81a37cb06cd95a94b323'

/**
 * Provides the tools that electron-builder needs for an x64 AppImage without its own download: Debian's tools, and the
 * runtime from crates.io. Returns at once if they are in the cache.
 *
 * @returns {Promise<string>} a folder with the layout of electron-builder's download
 * @throws SetupError if a tool is missing or the runtime does not match its pinned hash
 */
export async function fetchAppImageTools() {
  const folder = join(cacheDir, `appimage-tools-${CRATE.version}`)
  if (existsSync(folder)) return folder
  requireTools([tools.squashfs, tools.desktopFiles, tools.cargo])
  mkdirSync(cacheDir, { recursive: true })
  const scratch = mkdtempSync(join(cacheDir, 'fetching-appimage-'))
  try {
    const runtime = await fetchRuntime(scratch)
    const sha256 = createHash('sha256').update(readFileSync(runtime)).digest('hex')
    if (sha256 !== RUNTIME_SHA256)
      throw new SetupError(`The runtime in the crate ${CRATE.name} ${CRATE.version} does not match its pinned hash; it has ${sha256}.`)
    const assembled = join(scratch, 'tools')
    for (const part of [join('linux-x64'), join('lib', 'x64')]) mkdirSync(join(assembled, part), { recursive: true })
    symlinkSync(programInPath('desktop-file-validate'), join(assembled, 'linux-x64', 'desktop-file-validate'))
    // A package for inspection uses a compression that takes a quarter of the time.
    writeFileSync(
      join(assembled, 'linux-x64', 'mksquashfs'),
      `#!/bin/sh\nexec '${programInPath('mksquashfs')}' "$@" -comp gzip -Xcompression-level 1\n`,
      { mode: 0o755 },
    )
    copyFileSync(runtime, join(assembled, 'runtime-x64'))
    if (!existsSync(folder)) renameSync(assembled, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

/** Cargo downloads crates only for a package that depends on them. @param {string} scratch */
async function fetchRuntime(scratch) {
  mkdirSync(join(scratch, 'src'))
  writeFileSync(join(scratch, 'src', 'lib.rs'), '')
  writeFileSync(
    join(scratch, 'Cargo.toml'),
    `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n${CRATE.name} = "=${CRATE.version}"\n[workspace]\n`,
  )
  await runLogged('appimage-runtime', 'cargo', [
    'vendor',
    '--quiet',
    '--manifest-path',
    join(scratch, 'Cargo.toml'),
    join(scratch, 'crates'),
  ])
  const runtime = join(scratch, 'crates', CRATE.name, 'assets', 'runtime-x86_64')
  if (!existsSync(runtime)) throw new SetupError(`The crate ${CRATE.name} ${CRATE.version} contains no runtime.`)
  return runtime
}

/** @param {string} name */
function programInPath(name) {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
  if (!found) throw new SetupError(`${name} is not in the PATH.`)
  return found
}
