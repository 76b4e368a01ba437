/** @typedef {import('./read-mach-o.mjs').MachO} MachO */
/** @typedef {{ name: string, problem: string | null }} Check - `problem` is null if the check passed */

const SYSTEM_LIBRARY = /^\/(usr\/lib|System\/Library)\//

/**
 * Checks whether macOS would load this addon with that libmlx, one result per requirement.
 *
 * @param {MachO} addon
 * @param {MachO} libmlx
 * @param {{ deploymentTarget: string, rpaths: readonly string[] }} expected
 * @returns {Check[]}
 */
export function checkAddon(addon, libmlx, expected) {
  const flat = addon.imports.filter(({ library }) => library === 'flat').map(({ name }) => name)
  const strangers = flat.filter((name) => !/^_(napi_|node_api_)/.test(name))
  const unbound = addon.imports.filter(({ library }) => library === 'none').map(({ name }) => name)
  const unknown = addon.libraries.filter((library) => !SYSTEM_LIBRARY.test(library) && library !== libmlx.installName)
  const ofMlx = addon.imports.filter(({ library }) => library === libmlx.installName).map(({ name }) => name)
  const exported = new Set(libmlx.exports)
  const absent = ofMlx.filter((name) => !exported.has(name))
  const missingRpaths = expected.rpaths.filter((rpath) => !addon.rpaths.includes(rpath))
  const foreignRpaths = addon.rpaths.filter((rpath) => !rpath.startsWith('@'))
  return [
    check(
      'is for arm64 only',
      addon.architecture === 'arm64' && libmlx.architecture === 'arm64' ? null : `${addon.architecture}, libmlx ${libmlx.architecture}`,
    ),
    check('can be loaded by dlopen', addon.kind === 'other' ? addon.kind : null),
    check(
      `runs on macOS ${expected.deploymentTarget}`,
      addon.platform === 'macos' && addon.deploymentTarget === expected.deploymentTarget
        ? null
        : `${addon.platform} ${addon.deploymentTarget}`,
    ),
    check('is signed, as Apple Silicon requires', addon.isSigned ? null : 'no signature'),
    check('finds libmlx by its rpaths', missingRpaths.length > 0 ? `no rpath ${list(missingRpaths)}` : null),
    check('has no rpath of the machine that built it', foreignRpaths.length > 0 ? list(foreignRpaths) : null),
    check(
      'needs only libmlx, libc++ and system libraries',
      unknown.length > 0 ? list(unknown) : addon.libraries.includes('/usr/lib/libc++.1.dylib') ? null : "not the system's libc++",
    ),
    check(
      'uses flat look-up only for the Node API',
      strangers.length > 0 ? list(strangers) : flat.length > 0 ? null : 'no symbols of the Node API',
    ),
    check('binds every other symbol to its library', unbound.length > 0 ? list(unbound) : null),
    check('imports only symbols that libmlx exports', absent.length > 0 ? list(absent) : ofMlx.length > 0 ? null : 'no symbols of libmlx'),
    check(
      'contains no C++ runtime',
      addon.exports.some((name) => name === '___cxa_throw') || !addon.imports.some(({ name }) => name === '___cxa_throw')
        ? '__cxa_throw is not imported'
        : null,
    ),
    check('exports the entry point for Node', addon.exports.includes('_napi_register_module_v1') ? null : 'no napi_register_module_v1'),
  ]
}

/**
 * @param {string} name
 * @param {string | null} problem
 * @returns {Check}
 */
function check(name, problem) {
  return { name, problem }
}

/** @param {readonly string[]} names */
function list(names) {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ')
}
