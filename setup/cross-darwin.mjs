// Cross-compiles the native addon for macOS on Apple Silicon, on Linux, and checks that macOS would load it with both of
// MLX's wheels. A test suite: its last line is `N passed, N failed`. The result itself cannot run here.
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkAddon } from '../native/cross/check-mach-o.mjs'
import { readMachO } from '../native/cross/read-mach-o.mjs'
import { fetchMlx } from './fetch/fetch-mlx.mjs'
import { fetchXgrammar } from './fetch/fetch-xgrammar.mjs'
import { fetchZig, hasZig } from './fetch/fetch-zig.mjs'
import { cacheDir, projectDir } from './project-paths.mjs'
import { runLogged } from './run-logged.mjs'

/** The version of the older wheel, since one addon serves both. */
const DEPLOYMENT_TARGET = '14.0'
const WHEELS = /** @type {const} */ (['macos14-arm64', 'macos26-arm64'])
/** How MLX's errors begin for which `code_of` in `engine.cpp` has a code of its own. */
const ERROR_TEXTS = ['[malloc] Unable to allocate', '[metal::malloc]', '[METAL]']
const RPATHS = ['@loader_path', '@loader_path/mlx/lib']
const crossDir = join(projectDir, 'native', 'cross')

/**
 * Builds the addon for macOS arm64. Ninja rebuilds only changed files.
 *
 * @returns {Promise<string>} its path
 * @throws SetupError with the compiler's last lines
 */
export async function buildForDarwin() {
  const [zig, mlxRoot] = [await fetchZig(), await fetchMlx(WHEELS[0])]
  const folder = join(projectDir, 'build', 'native-darwin-arm64')
  mkdirSync(folder, { recursive: true })
  const stub = join(folder, 'libc++.tbd')
  const symbols = readFileSync(join(crossDir, 'libcxx-symbols.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  writeFileSync(stub, libraryStub('/usr/lib/libc++.1.dylib', symbols))
  // MLX's CMake package links Apple's frameworks, which the addon itself does not use.
  for (const framework of readLibmlx(mlxRoot).libraries.filter((library) => library.includes('.framework/'))) {
    const name = basename(framework)
    mkdirSync(join(folder, 'frameworks', `${name}.framework`), { recursive: true })
    writeFileSync(join(folder, 'frameworks', `${name}.framework`, `${name}.tbd`), libraryStub(framework, []))
  }
  // zig caches the libraries that it compiles. Next to the downloads, a clean checkout can reuse them.
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: join(cacheDir, 'zig-cache'), ZIG_LOCAL_CACHE_DIR: join(cacheDir, 'zig-cache') }
  const settings = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_TOOLCHAIN_FILE: join(crossDir, 'zig-darwin-arm64.cmake'),
    CMAKE_PROJECT_INCLUDE: join(crossDir, 'after-project.cmake'),
    ZIG: zig,
    DEPLOYMENT_TARGET,
    LIBCXX_STUB: stub,
    FRAMEWORK_STUBS: join(folder, 'frameworks'),
    MLX_ROOT: mlxRoot,
    XGRAMMAR_ROOT: await fetchXgrammar(),
    NODE_MODULES: join(projectDir, 'node_modules'),
  }
  const definitions = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`)
  await runLogged('cross-darwin-configure', 'cmake', ['-S', join(projectDir, 'native'), '-B', folder, '-G', 'Ninja', ...definitions], {
    env,
  })
  await runLogged('cross-darwin-build', 'cmake', ['--build', folder, '--target', 'exo_engine'], { env })
  return join(folder, 'exo_engine.node')
}

/**
 * A linker stub for a system library.
 *
 * @param {string} installName
 * @param {readonly string[]} symbols - without Mach-O's leading underscore
 */
function libraryStub(installName, symbols) {
  const exported =
    symbols.length === 0
      ? ''
      : `exports:\n  - targets: [ arm64-macos ]\n    symbols: [ ${symbols.map((name) => `'_${name}'`).join(', ')} ]\n`
  return `--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos ]\ninstall-name: '${installName}'\ncurrent-version: 1\n${exported}...\n`
}

/** @param {string} root - folder of an unpacked wheel */
function readLibmlx(root) {
  return readMachO(readFileSync(join(root, 'mlx', 'lib', 'libmlx.dylib')))
}

/** @param {string} root - folder of an unpacked wheel */
function headersHash(root) {
  const hash = createHash('sha256')
  for (const file of globSync('mlx/include/**/*.{h,hpp}', { cwd: root }).sort()) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

async function main() {
  if (!hasZig()) {
    process.stdout.write('This machine builds the addon natively, so there is nothing to cross-compile.\n0 passed, 0 failed, 1 skipped\n')
    return
  }
  const counts = { passed: 0, failed: 0 }
  const report = (/** @type {string} */ name, /** @type {string | null} */ problem) => {
    counts[problem === null ? 'passed' : 'failed'] += 1
    process.stdout.write(`${problem === null ? 'ok      ' : 'FAILED  '}${name}${problem === null ? '' : `: ${problem}`}\n`)
  }
  try {
    const addon = readMachO(readFileSync(await buildForDarwin()))
    report('the addon compiles and links for macOS arm64', null)
    const roots = await Promise.all(WHEELS.map((target) => fetchMlx(target)))
    report(
      'both wheels have the same headers',
      new Set(roots.map(headersHash)).size === 1 ? null : 'they differ: compile the addon for each wheel',
    )
    for (const [index, target] of WHEELS.entries()) {
      const root = roots[index] ?? ''
      const absent = readLibmlx(root).libraries.filter(
        (library) => library.startsWith('@rpath/') && !existsSync(join(root, 'mlx', 'lib', basename(library))),
      )
      report(`${target}: the libraries that libmlx loads by rpath are next to it`, absent.length > 0 ? absent.join(', ') : null)
      const texts = readFileSync(join(root, 'mlx', 'lib', 'libmlx.dylib'))
      const unsaid = ERROR_TEXTS.filter((text) => !texts.includes(text))
      report(`${target}: libmlx's errors begin as the engine expects`, unsaid.length > 0 ? unsaid.join(', ') : null)
      for (const { name, problem } of checkAddon(addon, readLibmlx(root), { deploymentTarget: DEPLOYMENT_TARGET, rpaths: RPATHS }))
        report(`${target}: ${name}`, problem)
    }
  } catch (error) {
    report('the addon compiles and links for macOS arm64', error instanceof Error ? error.message : String(error))
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
