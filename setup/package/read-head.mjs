import { Buffer } from 'node:buffer'
import { closeSync, openSync, readSync } from 'node:fs'

/**
 * Reads the first bytes of a file, padded with zeroes if the file is shorter.
 *
 * @param {string} file
 * @param {number} bytes
 */
export function readHead(file, bytes) {
  const head = Buffer.alloc(bytes)
  const opened = openSync(file, 'r')
  try {
    readSync(opened, head, 0, bytes, 0)
  } finally {
    closeSync(opened)
  }
  return head
}
