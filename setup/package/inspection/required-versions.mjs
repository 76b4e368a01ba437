import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'
import { SetupError } from '../../setup-error.mjs'
import { toolFor } from '../targets.mjs'

/** What the oldest supported systems have: Ubuntu 22.04, with glibc 2.35 and the C++ library of GCC 12. */
const NEWEST = { GLIBC: '2.35', GLIBCXX: '3.4.30', CXXABI: '1.3.13' }

/**
 * Checks that a package starts on the systems for which it is made. A build on a newer system may need newer functions.
 *
 * @param {readonly string[]} programs - Node and native libraries
 * @param {import('../targets.mjs').PackageTargetName} target
 * @throws SetupError that names the libraries that need more
 */
export function checkRequiredVersions(programs, target) {
  const problems = programs.flatMap((program) => {
    const listed = execFileSync(toolFor('readelf', target), ['--version-info', '--wide', program], { encoding: 'utf8', maxBuffer: 1 << 28 })
    return tooNew(listed).map((version) => `${basename(program)} needs ${version}`)
  })
  if (problems.length > 0)
    throw new SetupError(
      `Build the package on Ubuntu 22.04 or Debian 12; what is built here starts only on newer ones: ${problems.join(', ')}.`,
    )
}

/**
 * @param {string} listed - by `readelf --version-info`
 * @returns {string[]} the needed versions that are too new
 */
export function tooNew(listed) {
  const needed = listed.slice(Math.max(0, listed.indexOf('Version needs section')))
  const names = new Set([...needed.matchAll(/\b(GLIBC|GLIBCXX|CXXABI)_(\d+(?:\.\d+)+)/g)].map(([name]) => name))
  return [...names].filter((name) => {
    const [library = '', version = ''] = name.split('_')
    return compareNumbers(version, NEWEST[/** @type {keyof typeof NEWEST} */ (library)]) > 0
  })
}

/** @param {string} a @param {string} b @returns {number} above 0: `a` is newer */
function compareNumbers(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const at = (left ?? []).findIndex((part, index) => part !== (right?.[index] ?? 0))
  return at === -1 ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0)
}
