import { Buffer } from 'node:buffer'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { SetupError } from '../../setup-error.mjs'

const BLOCK = 512
const NAME_BYTES = 100
const PREFIX_BYTES = 155

/**
 * A tar archive of a folder, which depends only on the content: entries are sorted, and times, owners and all permissions but
 * "executable" are fixed. Source: POSIX.1-2017, pax, "ustar Interchange Format".
 *
 * @param {string} folder
 * @param {{ root: string, epochSeconds: number, openFolders?: readonly string[] }} options - `root`: the folder's name in the archive;
 *   empty: its content only. `openFolders`: folders in which every user may write
 * @returns {Buffer}
 */
export function ustarOf(folder, { root, epochSeconds, openFolders = [] }) {
  /** @type {Buffer[]} */
  const blocks = []
  /** @param {string} path @param {string} name */
  const add = (path, name) => {
    const stat = lstatSync(path)
    const isFolder = stat.isDirectory()
    const isLink = stat.isSymbolicLink()
    const content = isFolder || isLink ? Buffer.alloc(0) : readFileSync(path)
    const mode = openFolders.includes(name) ? 0o1777 : isFolder || stat.mode & 0o100 ? 0o755 : 0o644
    if (name !== '') {
      const type = isFolder ? '5' : isLink ? '2' : '0'
      const target = isLink ? readlinkSync(path) : ''
      blocks.push(headerOf({ name: isFolder ? `${name}/` : name, mode, bytes: content.length, epochSeconds, type, target }), content)
      blocks.push(Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK))
    }
    if (isFolder) for (const child of readdirSync(path).sort()) add(join(path, child), name === '' ? child : `${name}/${child}`)
  }
  add(folder, root)
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)])
}

/** The same bytes on every machine: without a name and a time. @param {Buffer} data */
export function gzipOf(data) {
  const packed = gzipSync(data, { level: 9 })
  packed.writeUInt32LE(0, 4)
  // The system on which it was packed: unknown.
  packed[9] = 255
  return packed
}

/** @param {{ name: string, mode: number, bytes: number, epochSeconds: number, type: string, target: string }} entry */
function headerOf({ name, mode, bytes, epochSeconds, type, target }) {
  const header = Buffer.alloc(BLOCK)
  const [prefix, rest] = splitName(name)
  /** @param {number} value @param {number} length */
  const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(rest, 0, NAME_BYTES, 'utf8')
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(bytes, 12), 124)
  header.write(octal(epochSeconds, 12), 136)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(target, 157, NAME_BYTES, 'utf8')
  header.write('ustar\0' + '00', 257)
  header.write('root', 265)
  header.write('root', 297)
  header.write(prefix, 345, PREFIX_BYTES, 'utf8')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** @param {string} name @returns {[prefix: string, name: string]} */
function splitName(name) {
  if (Buffer.byteLength(name) <= NAME_BYTES) return ['', name]
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)]
    if (rest !== '' && Buffer.byteLength(rest) <= NAME_BYTES && Buffer.byteLength(prefix) <= PREFIX_BYTES) return [prefix, rest]
  }
  throw new SetupError(`The path ${name} is too long for an archive.`)
}
