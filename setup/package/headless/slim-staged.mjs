import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { SetupError } from '../../setup-error.mjs'
import { packageTargets, toolFor } from '../targets.mjs'
import { replaceNeeded } from './replace-needed.mjs'
import { checkRequiredVersions } from '../inspection/required-versions.mjs'

const MEGABYTE = 1e6
/** The most that a folder takes without its model. Node alone has 109 MB, DuckDB and DuckLake 97 MB, OpenBLAS 40 MB. */
const SIZE_LIMIT_BYTES = 300 * MEGABYTE
const LONGEST_LINE = 160

/**
 * Removes what a staged program does not need at run time.
 *
 * @param {string} folder
 * @param {import('../targets.mjs').PackageTargetName} target
 */
export async function slimStaged(folder, target) {
  await minifyBundles(join(folder, 'dist'))
  if (packageTargets[target].system !== 'linux') return
  const strip = toolFor('strip', target)
  useOpenBlasForLapack(join(folder, 'build', 'native'))
  // DuckLake's file stays as it is: its signature covers all of it.
  const libraries = filesIn(folder).filter((path) => /\.so(\.|$)|\.node$/.test(path))
  for (const library of libraries) execFileSync(strip, ['--strip-unneeded', library])
  // A release of Node contains the names of its functions, a sixth of its size.
  execFileSync(strip, [join(folder, 'node')], { stdio: 'ignore' })
  checkRequiredVersions([join(folder, 'node'), ...libraries], target)
}

/** Whitespace only: stack traces keep the names of functions, and lines that can be found. @param {string} dist */
async function minifyBundles(dist) {
  const { transform } = await import('esbuild')
  for (const name of readdirSync(dist).filter((each) => each.endsWith('.mjs'))) {
    const path = join(dist, name)
    const { code } = await transform(readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'), {
      minifyWhitespace: true,
      lineLimit: LONGEST_LINE,
      legalComments: 'none',
      charset: 'utf8',
    })
    writeFileSync(path, code)
  }
}

/** MLX's wheel brings its own BLAS, LAPACK and Fortran, which OpenBLAS beside the engine contains. @param {string} native */
function useOpenBlasForLapack(native) {
  const own = join(native, 'mlx_cpu.libs')
  const openBlas = 'libopenblas.so.0'
  if (!existsSync(own) || !existsSync(join(native, openBlas))) return
  const libraries = readdirSync(own).filter((name) => /^lib(lapack|blas)-/.test(name))
  replaceNeeded(join(native, 'mlx', 'lib', 'libmlx.so'), {
    ...Object.fromEntries(libraries.map((name) => [name, openBlas])),
    '$ORIGIN/../../mlx_cpu.libs': '$ORIGIN/../..',
  })
  rmSync(own, { recursive: true })
}

/**
 * What takes the space in a staged program, largest first.
 *
 * @param {string} folder
 * @returns {{ part: string, bytes: number }[]}
 */
export function sizesOf(folder) {
  /** @type {Map<string, number>} */
  const sizes = new Map()
  for (const file of filesIn(folder)) {
    const part = partOf(relative(folder, file).split(sep))
    sizes.set(part, (sizes.get(part) ?? 0) + statSync(file).size)
  }
  return [...sizes].map(([part, bytes]) => ({ part, bytes })).sort((a, b) => b.bytes - a.bytes)
}

/** @param {readonly string[]} path */
function partOf([first = '', ...rest]) {
  if (first === 'node') return 'Node'
  if (first === 'models') return 'default model'
  if (first === 'ducklake') return 'DuckLake (history)'
  if (first === 'node_modules') return 'DuckDB (history)'
  if (first === 'dist') return rest[0] === 'renderer' ? 'dashboard' : 'program'
  if (first !== 'build') return 'manual pages, notices, model cards'
  const name = rest.at(-1) ?? ''
  if (/openblas|gfortran|quadmath|^lib(lapack|blas)-/.test(name)) return 'BLAS and LAPACK'
  return name.startsWith('exo_engine') ? 'engine' : 'MLX'
}

/**
 * The table of sizes for the log of the build.
 *
 * @param {readonly { part: string, bytes: number }[]} sizes
 * @throws SetupError if the folder without its model is larger than planned
 */
export function formatSizes(sizes) {
  const total = sizes.reduce((sum, { part, bytes }) => sum + (part === 'default model' ? 0 : bytes), 0)
  const line = (/** @type {number} */ bytes, /** @type {string} */ part) => `${(bytes / MEGABYTE).toFixed(1).padStart(7)} MB  ${part}\n`
  if (total > SIZE_LIMIT_BYTES)
    throw new SetupError(`The package has ${(total / MEGABYTE).toFixed(0)} MB without its model, more than ${SIZE_LIMIT_BYTES / MEGABYTE}.`)
  return sizes.map(({ part, bytes }) => line(bytes, part)).join('') + line(total, 'without the default model')
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
