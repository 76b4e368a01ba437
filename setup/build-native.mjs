// Builds the native engine into build/native/exo_engine.node. Ninja rebuilds only changed files, and the
// set-up step that calls this keeps a stamp, so that an unchanged checkout skips it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchMlx, otherLibrary } from './fetch/fetch-mlx.mjs'
import { fetchXgrammar } from './fetch/fetch-xgrammar.mjs'
import { findOpenBlas } from './fetch/find-openblas.mjs'
import { projectDir } from './project-paths.mjs'
import { runLogged } from './run-logged.mjs'
import { requireTools, tools } from './tools/require-tools.mjs'

/**
 * The oldest macOS that a package built here supports. By default, the addon would require the version of this machine.
 *
 * @type {Record<string, string>}
 */
const forMacos = process.platform === 'darwin' ? { CMAKE_OSX_DEPLOYMENT_TARGET: '14.0' } : {}

/**
 * @param {string | null} library - the target whose libmlx it is linked with; null: this machine's
 * @returns {Promise<string>} the addon's path
 * @throws SetupError with the compiler's last lines
 */
export async function buildNative(library = otherLibrary(), folder = 'native') {
  const openBlas = (await findOpenBlas()) ?? ''
  const settings = {
    ...(await nativeSettings(await fetchMlx())),
    MLX_LIBRARY_ROOT: library === null ? '' : await fetchMlx(library),
    OPENBLAS_LIBRARY: openBlas,
    ...forMacos,
  }
  return join(await cmakeBuild('native', settings, folder), 'exo_engine.node')
}

/**
 * Cross-compiles the addon for Linux on arm64, on Linux.
 *
 * @returns {Promise<string>} the build folder
 * @throws SetupError if the compiler is missing, or with its last lines
 */
export async function buildForLinuxArm64() {
  requireTools([tools.crossCompiler])
  const toolchain = join(projectDir, 'native', 'cross', 'linux-arm64.cmake')
  const settings = { ...(await nativeSettings(await fetchMlx('linux-arm64'))), CMAKE_TOOLCHAIN_FILE: toolchain }
  return cmakeBuild('native', settings, 'native-linux-arm64')
}

/** @param {string} mlxRoot */
async function nativeSettings(mlxRoot) {
  return {
    CMAKE_BUILD_TYPE: 'Release',
    MLX_ROOT: mlxRoot,
    XGRAMMAR_ROOT: await fetchXgrammar(),
    NODE_MODULES: join(projectDir, 'node_modules'),
  }
}

/**
 * Builds the engine's C++ tests with the address and undefined-behaviour sanitizers. From MLX they need only JACCL's headers.
 *
 * @returns {Promise<string>} the test program's path
 */
export async function buildEngineTests() {
  return join(await cmakeBuild('native/engine/tests', { CMAKE_BUILD_TYPE: 'Debug', MLX_ROOT: await fetchMlx() }), 'engine_tests')
}

/**
 * @param {string} source - folder with the CMakeLists.txt, relative to the project
 * @param {Record<string, string>} settings
 * @param {string} name - of the build folder and of the logs
 */
async function cmakeBuild(source, settings, name = source.replaceAll('/', '-')) {
  const folder = join(projectDir, 'build', name)
  const definitions = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`)
  await runLogged(`${name}-configure`, 'cmake', ['-S', join(projectDir, source), '-B', folder, '-G', 'Ninja', ...definitions])
  await runLogged(`${name}-build`, 'cmake', ['--build', folder])
  return folder
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await buildNative())
