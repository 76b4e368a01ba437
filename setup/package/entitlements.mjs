import { basename, dirname, join } from 'node:path'

/** V8 compiles at run time. Enough on Apple Silicon, the only one that the app is for: memory that is not signed is not needed there. */
export const COMPILES = 'com.apple.security.cs.allow-jit'
/** Loads libraries that somebody else has signed: MLX's and DuckDB's. */
export const LOADS_OTHERS = 'com.apple.security.cs.disable-library-validation'

/** By the program that a process runs. The app itself and its node face the network, and load nothing of others. */
const PROCESSES = new Map([
  ['exo', [COMPILES]],
  // The node, and services of Chromium.
  ['exo Helper', [COMPILES]],
  ['exo Helper (GPU)', [COMPILES]],
  ['exo Helper (Renderer)', [COMPILES]],
  // The engine's workers and the history: see main/electron/node/fork-utility-process.ts.
  ['exo Helper (Plugin)', [COMPILES, LOADS_OTHERS]],
])

/**
 * What a part of the app asks macOS for when it is signed: as little as its process needs, and nothing where it is no process.
 *
 * @param {string} file - a bundle, a program or a library in the app, or the app itself
 * @param {boolean} isSigned - by a certificate; ad hoc, every library is somebody else's to every process
 * @returns {string[]}
 */
export function entitlementsOf(file, isSigned) {
  const name = programOf(file)
  const own = name === null ? undefined : PROCESSES.get(name)
  if (!own) return []
  return isSigned ? [...own] : [...new Set([...own, LOADS_OTHERS])]
}

/** The program of a bundle, by the bundle or by its main executable; null where the file is neither. @param {string} file */
function programOf(file) {
  const name = basename(file)
  if (name.endsWith('.app')) return name.slice(0, -'.app'.length)
  const bundle = dirname(dirname(dirname(file)))
  return file === join(bundle, 'Contents', 'MacOS', name) && basename(bundle) === `${name}.app` ? name : null
}

/**
 * How the packager has each part of the app signed.
 *
 * @param {boolean} isSigned
 */
export function signPerProcess(isSigned) {
  return async (/** @type {import('@electron/osx-sign').SignOptions} */ options) => {
    // Only macOS signs, and only there is the packager's own way of it looked for.
    const { sign } = await import('app-builder-lib/out/codeSign/macCodeSign.js')
    await sign({
      ...options,
      optionsForFile: (file) => ({ ...options.optionsForFile?.(file), entitlements: entitlementsOf(file, isSigned) }),
    })
  }
}
