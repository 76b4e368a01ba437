import { basename, dirname, join } from 'node:path'

/** V8 compiles at run time. On Apple Silicon this is sufficient; unsigned executable memory is only needed on Intel. */
export const COMPILES = 'com.apple.security.cs.allow-jit'
/** Loads libraries that are signed by others: those of MLX and DuckDB. */
export const LOADS_OTHERS = 'com.apple.security.cs.disable-library-validation'

/** Entitlements by program. The app itself and its node face the network and do not load libraries signed by others. */
const PROCESSES = new Map([
  ['exo', [COMPILES]],
  // The node and Chromium's services.
  ['exo Helper', [COMPILES]],
  ['exo Helper (GPU)', [COMPILES]],
  ['exo Helper (Renderer)', [COMPILES]],
  // The engine's workers and the history: see main/electron/node/fork-utility-process.ts.
  ['exo Helper (Plugin)', [COMPILES, LOADS_OTHERS]],
])

/**
 * The entitlements with which a part of the app is signed: the least that its process needs, and none for libraries.
 *
 * @param {string} file - a bundle, a program or a library in the app, or the app itself
 * @param {boolean} isSigned - with a certificate; under ad hoc signing, every library counts as signed by others
 * @returns {string[]}
 */
export function entitlementsOf(file, isSigned) {
  const name = programOf(file)
  const own = name === null ? undefined : PROCESSES.get(name)
  if (!own) return []
  return isSigned ? [...own] : [...new Set([...own, LOADS_OTHERS])]
}

/** The name of the program if the file is a bundle or its main executable, otherwise null. @param {string} file */
function programOf(file) {
  const name = basename(file)
  if (name.endsWith('.app')) return name.slice(0, -'.app'.length)
  const bundle = dirname(dirname(dirname(file)))
  return file === join(bundle, 'Contents', 'MacOS', name) && basename(bundle) === `${name}.app` ? name : null
}

/**
 * Makes the packager sign each part of the app with the entitlements of its process.
 *
 * @param {boolean} isSigned
 */
export function signPerProcess(isSigned) {
  return async (/** @type {import('@electron/osx-sign').SignOptions} */ options) => {
    // Imported here, because only macOS can sign.
    const { sign } = await import('app-builder-lib/out/codeSign/macCodeSign.js')
    await sign({
      ...options,
      optionsForFile: (file) => ({ ...options.optionsForFile?.(file), entitlements: entitlementsOf(file, isSigned) }),
    })
  }
}
