import { readBindingProgram, readChainedImports } from './read-bindings.mjs'

/** @typedef {{ name: string, library: string | 'flat' | 'none' }} ImportedSymbol */
/**
 * @typedef {object} MachO
 * @property {'arm64' | 'other'} architecture
 * @property {'dylib' | 'bundle' | 'other'} kind
 * @property {string | null} platform - `macos`, or the platform's number
 * @property {string | null} deploymentTarget - for example `14.0`
 * @property {string | null} installName
 * @property {string[]} libraries - the libraries that it loads, in order
 * @property {string[]} rpaths
 * @property {boolean} isSigned
 * @property {ImportedSymbol[]} imports - library `flat`: looked up in all loaded images when needed
 * @property {string[]} exports
 */

const MAGIC_64 = 0xfeedfacf
const CPU_ARM64 = 0x0100000c
const KINDS = /** @type {const} */ ({ 6: 'dylib', 8: 'bundle' })
const COMMAND = {
  symtab: 0x2,
  loadDylib: 0xc,
  idDylib: 0xd,
  codeSignature: 0x1d,
  weakDylib: 0x80000018,
  rpath: 0x8000001c,
  reexportDylib: 0x8000001f,
  lazyDylib: 0x20,
  upwardDylib: 0x80000023,
  buildVersion: 0x32,
  dyldInfo: 0x22,
  dyldInfoOnly: 0x80000022,
  chainedFixups: 0x80000034,
}
const LOADS = new Set([COMMAND.loadDylib, COMMAND.weakDylib, COMMAND.reexportDylib, COMMAND.lazyDylib, COMMAND.upwardDylib])
const SYMBOL = { stab: 0xe0, privateExternal: 0x10, type: 0x0e, external: 0x01, undefined: 0x00 }
const FLAT_ORDINAL = -2
const SYMBOL_BYTES = 16

/**
 * Reads the parts of a 64-bit little-endian image that macOS's dynamic loader uses.
 *
 * @param {Buffer} file
 * @returns {MachO}
 * @throws Error if it is not such an image or is truncated
 */
export function readMachO(file) {
  if (file.length < 32 || file.readUInt32LE(0) !== MAGIC_64) throw new Error('not a 64-bit Mach-O image')
  /** @type {MachO} */
  const image = {
    architecture: file.readUInt32LE(4) === CPU_ARM64 ? 'arm64' : 'other',
    kind: KINDS[/** @type {6 | 8} */ (file.readUInt32LE(12))] ?? 'other',
    platform: null,
    deploymentTarget: null,
    installName: null,
    libraries: [],
    rpaths: [],
    isSigned: false,
    imports: [],
    exports: [],
  }
  /** @type {{ at: number, count: number, names: number } | null} */
  let symbols = null
  /** @type {import('./read-bindings.mjs').Binding[]} */
  const bindings = []
  for (const { command, at, size } of loadCommands(file)) {
    const text = (/** @type {number} */ offset) => cString(file, at + file.readUInt32LE(at + offset), at + size)
    if (LOADS.has(command)) image.libraries.push(text(8))
    else if (command === COMMAND.idDylib) image.installName = text(8)
    else if (command === COMMAND.rpath) image.rpaths.push(text(8))
    else if (command === COMMAND.codeSignature) image.isSigned = true
    else if (command === COMMAND.chainedFixups) bindings.push(...readChainedImports(file, file.readUInt32LE(at + 8)))
    else if (command === COMMAND.dyldInfo || command === COMMAND.dyldInfoOnly) {
      for (const part of [16, 32])
        bindings.push(...readBindingProgram(file, file.readUInt32LE(at + part), file.readUInt32LE(at + part + 4)))
    } else if (command === COMMAND.symtab)
      symbols = { at: file.readUInt32LE(at + 8), count: file.readUInt32LE(at + 12), names: file.readUInt32LE(at + 16) }
    else if (command === COMMAND.buildVersion) {
      const platform = file.readUInt32LE(at + 8)
      const version = file.readUInt32LE(at + 12)
      image.platform = platform === 1 ? 'macos' : String(platform)
      image.deploymentTarget = `${version >>> 16}.${(version >>> 8) & 0xff}`
    }
  }
  if (symbols) image.exports = readExports(file, symbols)
  image.imports = bindings.map(({ name, ordinal }) => ({
    name,
    library: ordinal === FLAT_ORDINAL ? 'flat' : (image.libraries[ordinal - 1] ?? 'none'),
  }))
  return image
}

/** @param {Buffer} file */
function* loadCommands(file) {
  let at = 32
  for (let index = 0; index < file.readUInt32LE(16); index++) {
    const size = file.readUInt32LE(at + 4)
    if (size < 8) throw new Error('a load command without a size')
    yield { command: file.readUInt32LE(at), at, size }
    at += size
  }
}

/**
 * @param {Buffer} file
 * @param {{ at: number, count: number, names: number }} table
 */
function readExports(file, table) {
  const exports = []
  for (let index = 0; index < table.count; index++) {
    const at = table.at + index * SYMBOL_BYTES
    const type = file.readUInt8(at + 4)
    const isExported =
      (type & SYMBOL.stab) === 0 &&
      (type & SYMBOL.external) !== 0 &&
      (type & SYMBOL.privateExternal) === 0 &&
      (type & SYMBOL.type) !== SYMBOL.undefined
    if (isExported) exports.push(cString(file, table.names + file.readUInt32LE(at), file.length))
  }
  return exports
}

/**
 * @param {Buffer} file
 * @param {number} start
 * @param {number} end
 */
function cString(file, start, end) {
  const stop = file.indexOf(0, start)
  return file.toString('latin1', start, stop < 0 ? end : Math.min(stop, end))
}
