import { Buffer } from 'node:buffer'
import { readFileSync, writeFileSync } from 'node:fs'

/** Precedes the switches in Electron's binary: one byte of version, one of their number, then one for each. */
const SENTINEL = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')
const WIRE_VERSION = 1

/** In the order of the wire, of its version 1. */
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
 * @returns {{ offset: number, count: number }} of the first switch
 * @throws Error when there is not exactly one wire of the known version
 */
function findWire(binary) {
  const at = binary.indexOf(SENTINEL)
  if (at < 0 || binary.indexOf(SENTINEL, at + 1) >= 0) throw new Error('Electron has not exactly one fuse wire.')
  const offset = at + SENTINEL.length
  const [version, count = 0] = [binary[offset], binary[offset + 1]]
  if (version !== WIRE_VERSION || count < fuseNames.length) throw new Error(`The fuse wire is of version ${version} with ${count} fuses.`)
  return { offset: offset + 2, count }
}

/**
 * @param {string} file - Electron's executable; on macOS its framework's
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
 * @param {Readonly<Partial<Record<FuseName, boolean>>>} wanted - the others stay
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
