import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'

/** Marks the fuse wire in Electron's binary. A version byte, a count byte and one byte per fuse follow. */
const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
const WIRE_VERSION = 1

/** In the order of version 1 of the wire. */
export const fuseNames = /** @type {const} */ ([
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
])

/** @typedef {(typeof fuseNames)[number]} FuseName */

/**
 * @param {Buffer} binary
 * @returns {{ offset: number, count: number }} offset of the first fuse, and number of fuses
 * @throws Error unless there is exactly one wire, of the known version
 */
function findWire(binary) {
  const at = binary.indexOf(SENTINEL)
  if (at < 0 || binary.indexOf(SENTINEL, at + 1) >= 0) throw new Error('Electron does not have exactly one fuse wire.')
  const offset = at + SENTINEL.length
  const [version, count = 0] = [binary[offset], binary[offset + 1]]
  if (version !== WIRE_VERSION || count < fuseNames.length)
    throw new Error(`The fuse wire has version ${version} and ${count} fuses, which this program does not support.`)
  return { offset: offset + 2, count }
}

/**
 * @param {string} file - Electron's executable; on macOS the framework's
 * @returns {Record<FuseName, boolean>}
 */
export function readFuses(file) {
  const binary = readFileSync(file)
  const { offset } = findWire(binary)
  return /** @type {Record<FuseName, boolean>} */ (
    Object.fromEntries(fuseNames.map((name, index) => [name, binary[offset + index] === '1'.charCodeAt(0)]))
  )
}

/**
 * @param {string} file
 * @param {Readonly<Partial<Record<FuseName, boolean>>>} wanted - other fuses keep their value
 */
export function writeFuses(file, wanted) {
  const binary = readFileSync(file)
  const { offset } = findWire(binary)
  for (const [index, name] of fuseNames.entries()) {
    const isOn = wanted[name]
    if (isOn !== undefined) binary[offset + index] = (isOn ? '1' : '0').charCodeAt(0)
  }
  writeFileSync(file, binary)
}
