import { Buffer } from 'node:buffer'

/** Types of values in a header of an RPM package. Source: "RPM V4 Package format" of the RPM reference manual. */
const TYPES = { int16: 3, int32: 4, string: 6, binary: 7, strings: 8, translated: 9 }
const MAGIC = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0])
const ENTRY_BYTES = 16

/** @typedef {{ tag: number, type: keyof typeof TYPES, value: string | Buffer | readonly string[] | readonly number[] }} HeaderEntry */

/**
 * A header: its index, then the values.
 *
 * @param {number} region - the tag that covers all other entries: 62 for signatures, 63 for the package
 * @param {readonly HeaderEntry[]} entries
 * @returns {Buffer}
 */
export function rpmHeader(region, entries) {
  /** @type {Buffer[]} */
  const index = []
  /** @type {Buffer[]} */
  const store = []
  let offset = 0
  /** @param {Buffer} data */
  const append = (data) => {
    store.push(data)
    offset += data.length
  }
  for (const { tag, type, value } of entries.toSorted((a, b) => a.tag - b.tag)) {
    const width = type === 'int16' ? 2 : type === 'int32' ? 4 : 1
    append(Buffer.alloc((width - (offset % width)) % width))
    index.push(indexEntry(tag, TYPES[type], offset, countOf(value)))
    append(dataOf(type, value))
  }
  // The region's own entry comes first, and its trailer last.
  index.unshift(indexEntry(region, TYPES.binary, offset, ENTRY_BYTES))
  append(indexEntry(region, TYPES.binary, -ENTRY_BYTES * index.length, ENTRY_BYTES))
  const sizes = Buffer.alloc(8)
  sizes.writeUInt32BE(index.length, 0)
  sizes.writeUInt32BE(offset, 4)
  return Buffer.concat([MAGIC, sizes, ...index, ...store])
}

/** @param {number} tag @param {number} type @param {number} offset @param {number} count */
function indexEntry(tag, type, offset, count) {
  const entry = Buffer.alloc(ENTRY_BYTES)
  entry.writeUInt32BE(tag, 0)
  entry.writeUInt32BE(type, 4)
  entry.writeInt32BE(offset, 8)
  entry.writeUInt32BE(count, 12)
  return entry
}

/** @param {HeaderEntry['value']} value */
function countOf(value) {
  return typeof value === 'string' ? 1 : value.length
}

/** @param {HeaderEntry['type']} type @param {HeaderEntry['value']} value */
function dataOf(type, value) {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'string') return Buffer.from(`${value}\0`)
  if (type === 'strings') return Buffer.from(value.map((text) => `${text}\0`).join(''))
  const width = type === 'int16' ? 2 : 4
  const data = Buffer.alloc(width * value.length)
  for (const [at, number] of value.entries()) data.writeUIntBE(Number(number) % 2 ** (8 * width), at * width, width)
  return data
}
