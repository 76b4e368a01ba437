// Builds the native engine into build/native/exo_engine.node. Ninja rebuilds only changed files, and the
// set-up step that calls this keeps a stamp, so that an unchanged checkout skips it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchMlx, otherLibrary } from './fetch/fetch-mlx.mjs'
import { fetchXgrammar } from './fetch/fetch-xgrammar.mjs'
import { findOpenBlas } from './fetch/find-openblas.mjs'
import { projectDir } from './project-paths.mjs'
import { runLogged } from './run-logged.mjs'

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
  const mlxRoot = await fetchMlx()
  const openBlas = (await findOpenBlas()) ?? ''
  const settings = {
    CMAKE_BUILD_TYPE: 'Release',
    MLX_ROOT: mlxRoot,
    MLX_LIBRARY_ROOT: library === null ? '' : await fetchMlx(library),
    XGRAMMAR_ROOT: await fetchXgrammar(),
    OPENBLAS_LIBRARY: openBlas,
    NODE_MODULES: join(projectDir, 'node_modules'),
    ...forMacos,
  }
  return join(await cmakeBuild('native', settings, folder), 'exo_engine.node')
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
 */
async function cmakeBuild(source, settings, name = source.replaceAll('/', '-')) {
  const folder = join(projectDir, 'build', name)
  const definitions = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`)
  await runLogged(`${name}-configure`, 'cmake', ['-S', join(projectDir, source), '-B', folder, '-G', 'Ninja', ...definitions])
  await runLogged(`${name}-build`, 'cmake', ['--build', folder])
  return folder
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await buildNative())
