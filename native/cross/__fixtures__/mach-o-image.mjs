import { Buffer } from 'node:buffer'

/** A Mach-O image for arm64 that consists only of these load commands. @param {Buffer[]} commands */
export function machOImage(...commands) {
  const header = Buffer.alloc(32)
  for (const [index, value] of [0xfeedfacf, 0x0100000c, 0, 6, commands.length, Buffer.concat(commands).length].entries())
    header.writeUInt32LE(value, 4 * index)
  return Buffer.concat([header, ...commands])
}

/**
 * @param {number} kind
 * @param {readonly number[]} words
 * @param {string} text - placed after the words, at the offset in one of them
 */
export function loadCommand(kind, words, text = '') {
  const body = Buffer.alloc(8 + 4 * words.length + (text === '' ? 0 : text.length + 1))
  body.writeUInt32LE(kind, 0)
  body.writeUInt32LE(body.length, 4)
  for (const [index, word] of words.entries()) body.writeUInt32LE(word, 8 + 4 * index)
  body.write(text, 8 + 4 * words.length, 'latin1')
  return body
}

/** @param {string} library */
export const loadsLibrary = (library) => loadCommand(0xc, [24, 0, 0, 0], library)

/** @param {number} major @param {number} minor - version of the oldest supported macOS */
export const runsOnMacos = (major, minor = 0) => loadCommand(0x32, [1, (major << 16) | (minor << 8), 0, 0])
