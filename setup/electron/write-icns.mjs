import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'

/** Apple's type codes for PNG images, each with its width in pixels, including the @2x variants. */
const kinds = /** @type {const} */ ([
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
])

/**
 * Writes a macOS icon file.
 *
 * @param {string} file
 * @param {ReadonlyMap<number, Buffer>} images - PNG images by width in pixels
 */
export function writeIcns(file, images) {
  const parts = kinds.flatMap(([kind, size]) => {
    const image = images.get(size)
    if (!image) throw new Error(`The icon has no image of ${size} pixels.`)
    return [header(kind, image.length), image]
  })
  const body = Buffer.concat(parts)
  writeFileSync(file, Buffer.concat([header('icns', body.length), body]))
}

/**
 * @param {string} kind
 * @param {number} contentBytes
 */
function header(kind, contentBytes) {
  const bytes = Buffer.alloc(8)
  bytes.write(kind, 0, 'latin1')
  bytes.writeUInt32BE(contentBytes + 8, 4)
  return bytes
}
