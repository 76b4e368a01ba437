import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildForLinuxArm64, buildNative } from '../build-native.mjs'
import { buildForDarwin } from '../cross-darwin.mjs'
import { fetchMlx, hostTarget } from '../fetch/fetch-mlx.mjs'
import { installedOpenBlas } from '../fetch/find-openblas.mjs'
import { runLogged } from '../run-logged.mjs'

const isLibrary = (/** @type {string} */ name) => /\.(dylib|metallib)$|\.so(\.|$)/.test(name)

/**
 * Copies the native addon and one build of MLX into a folder, so that they depend on no path of this machine.
 *
 * @param {string} mlxBuild
 * @param {string} folder - receives `exo_engine.node`, and MLX below it with the layout of its wheel
 */
export async function stageEngine(mlxBuild, folder) {
  const mlxRoot = await fetchMlx(mlxBuild)
  mkdirSync(join(folder, 'mlx', 'lib'), { recursive: true })
  if (mlxBuild.startsWith('macos') && process.platform !== 'darwin') copyFileSync(await buildForDarwin(), join(folder, 'exo_engine.node'))
  else await installAddon(mlxBuild, folder)
  for (const name of readdirSync(join(mlxRoot, 'mlx', 'lib')).filter(isLibrary))
    copyFileSync(join(mlxRoot, 'mlx', 'lib', name), join(folder, 'mlx', 'lib', name))
  // On Linux, libmlx looks for its dependencies two folders up.
  if (existsSync(join(mlxRoot, 'mlx_cpu.libs'))) cpSync(join(mlxRoot, 'mlx_cpu.libs'), join(folder, 'mlx_cpu.libs'), { recursive: true })
  const openBlas = installedOpenBlas()
  if (mlxBuild === hostTarget() && process.platform === 'linux' && openBlas) await copyWithCompanions(openBlas, folder)
}

/** CMake replaces this machine's rpaths with those of a package. @param {string} mlxBuild @param {string} folder */
async function installAddon(mlxBuild, folder) {
  const isForeign = mlxBuild === 'linux-arm64' && hostTarget() !== mlxBuild
  const build = isForeign ? await buildForLinuxArm64() : dirname(await buildNative())
  await runLogged('package-engine', 'cmake', ['--install', build, '--prefix', folder])
}

/**
 * Copies OpenBLAS and the Fortran runtime libraries that it needs, which few desktops have.
 *
 * @param {string} library
 * @param {string} folder
 */
async function copyWithCompanions(library, folder) {
  copyFileSync(realpathSync(library), join(folder, 'libopenblas.so.0'))
  const needed = await runLogged('package-openblas', 'ldd', [library])
  for (const [, name = '', path = ''] of needed.matchAll(/^\s*(lib(?:gfortran|quadmath)\S*) => (\S+)/gm))
    copyFileSync(realpathSync(path), join(folder, name))
}
