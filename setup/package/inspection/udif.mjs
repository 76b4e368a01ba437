import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { crc32, deflate, inflateSync } from 'node:zlib'
import { Buffer } from 'node:buffer'

const SECTOR_BYTES = 512
/** Sectors of a chunk, which is compressed separately: 256 KiB, as on macOS. */
const CHUNK_SECTORS = 512
/** Chunks that are compressed at the same time, each on its own thread. */
const WAVE = 8
const kinds = { zero: 0, raw: 1, zlib: 0x80000005, end: 0xffffffff }
const KOLY_BYTES = 512
/** The header before the table of chunks: a description, a checksum of 136 bytes and the number of chunks. */
const TABLE_HEAD_BYTES = 204
const CHUNK_ENTRY_BYTES = 40

/** @typedef {{ kind: number, sector: number, sectors: number, offset: number, length: number }} Chunk */

/**
 * Writes a compressed disk image of a whole volume, in the format of macOS's Disk Utility.
 *
 * @param {string} volumeFile
 * @param {string} imageFile
 * @param {number} level - of zlib, 1 to 9
 */
export async function writeUdif(volumeFile, imageFile, level) {
  const volume = openSync(volumeFile, 'r')
  const image = openSync(imageFile, 'w')
  try {
    const totalSectors = statSync(volumeFile).size / SECTOR_BYTES
    /** @type {Chunk[]} */
    const chunks = []
    let [offset, dataChecksum, volumeChecksum] = [0, 0, 0]
    for (let first = 0; first < totalSectors; first += CHUNK_SECTORS * WAVE) {
      const starts = Array.from({ length: WAVE }, (_, index) => first + index * CHUNK_SECTORS).filter((sector) => sector < totalSectors)
      const parts = await Promise.all(
        starts.map((sector) => compress(volume, sector, Math.min(CHUNK_SECTORS, totalSectors - sector), level)),
      )
      for (const { kind, sector, sectors, raw, body } of parts) {
        volumeChecksum = crc32(raw, volumeChecksum)
        chunks.push({ kind, sector, sectors, offset, length: body.length })
        if (body.length > 0) writeSync(image, body)
        dataChecksum = crc32(body, dataChecksum)
        offset += body.length
      }
    }
    chunks.push({ kind: kinds.end, sector: totalSectors, sectors: 0, offset, length: 0 })
    const xml = resourceXml(chunkTable(chunks, totalSectors, volumeChecksum))
    writeSync(image, xml)
    writeSync(image, trailer({ dataBytes: offset, dataChecksum, xmlBytes: xml.length, volumeChecksum, totalSectors }))
  } finally {
    closeSync(volume)
    closeSync(image)
  }
}

/**
 * @param {number} volume - open file
 * @param {number} sector
 * @param {number} sectors
 * @param {number} level
 */
async function compress(volume, sector, sectors, level) {
  const raw = Buffer.alloc(sectors * SECTOR_BYTES)
  readSync(volume, raw, 0, raw.length, sector * SECTOR_BYTES)
  if (raw.every((byte) => byte === 0)) return { kind: kinds.zero, sector, sectors, raw, body: Buffer.alloc(0) }
  const packed = /** @type {Buffer} */ (await promisify(/** @type {any} */ (deflate))(raw, { level }))
  return packed.length < raw.length
    ? { kind: kinds.zlib, sector, sectors, raw, body: packed }
    : { kind: kinds.raw, sector, sectors, raw, body: raw }
}

/** Encodes a CRC-32 in its field of 128 bytes. @param {number} value */
function checksumField(value) {
  const field = Buffer.alloc(136)
  for (const [index, word] of [2, 32, value].entries()) field.writeUInt32BE(word, 4 * index)
  return field
}

/**
 * @param {readonly Chunk[]} chunks
 * @param {number} totalSectors
 * @param {number} volumeChecksum
 */
function chunkTable(chunks, totalSectors, volumeChecksum) {
  const head = Buffer.alloc(64)
  head.write('mish', 0, 'latin1')
  head.writeUInt32BE(1, 4)
  head.writeBigUInt64BE(BigInt(totalSectors), 16)
  head.writeUInt32BE(CHUNK_SECTORS + 8, 32)
  const count = Buffer.alloc(4)
  count.writeUInt32BE(chunks.length)
  const entries = Buffer.alloc(chunks.length * CHUNK_ENTRY_BYTES)
  for (const [index, { kind, sector, sectors, offset, length }] of chunks.entries()) {
    const at = index * CHUNK_ENTRY_BYTES
    entries.writeUInt32BE(kind, at)
    for (const [word, value] of [sector, sectors, offset, length].entries()) entries.writeBigUInt64BE(BigInt(value), at + 8 + 8 * word)
  }
  return Buffer.concat([head, checksumField(volumeChecksum), count, entries])
}

/** @param {Buffer} table */
function resourceXml(table) {
  const name = '<string>whole disk (Apple_HFS : 0)</string>'
  const data = table.toString('base64').replace(/(.{76})/g, '$1\n')
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array><dict>
<key>Attributes</key><string>0x0050</string><key>CFName</key>${name}
<key>Data</key><data>
${data}
</data>
<key>ID</key><string>0</string><key>Name</key>${name}
</dict></array><key>plst</key><array></array></dict></dict></plist>
`)
}

/** @param {{ dataBytes: number, dataChecksum: number, xmlBytes: number, volumeChecksum: number, totalSectors: number }} facts */
function trailer({ dataBytes, dataChecksum, xmlBytes, volumeChecksum, totalSectors }) {
  const koly = Buffer.alloc(KOLY_BYTES)
  koly.write('koly', 0, 'latin1')
  for (const [offset, word] of /** @type {const} */ ([
    [4, 4],
    [8, KOLY_BYTES],
    [12, 1],
    [56, 1],
    [60, 1],
    [488, 1],
  ]))
    koly.writeUInt32BE(word, offset)
  for (const [offset, value] of /** @type {const} */ ([
    [32, dataBytes],
    [216, dataBytes],
    [224, xmlBytes],
    [492, totalSectors],
  ]))
    koly.writeBigUInt64BE(BigInt(value), offset)
  checksumField(dataChecksum).copy(koly, 80)
  checksumField(masterChecksum(volumeChecksum)).copy(koly, 352)
  return koly
}

/** The checksum over the checksums of all partitions; here there is only one. @param {number} volumeChecksum */
function masterChecksum(volumeChecksum) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(volumeChecksum)
  return crc32(bytes)
}

/**
 * Reads an image back and verifies its header, table and checksums.
 *
 * @param {string} imageFile
 * @param {(raw: Buffer) => void} onChunk - receives the volume chunk by chunk
 * @throws Error that names the value that does not match
 */
export function readUdif(imageFile, onChunk) {
  const image = readFileSync(imageFile)
  const koly = image.subarray(image.length - KOLY_BYTES)
  const agree = (/** @type {string} */ what, /** @type {string | number} */ found, /** @type {string | number} */ said) => {
    if (found !== said) throw new Error(`The image's ${what} is ${found}, not ${said}.`)
  }
  agree('signature', koly.toString('latin1', 0, 4), 'koly')
  const number64 = (/** @type {Buffer} */ bytes, /** @type {number} */ offset) => Number(bytes.readBigUInt64BE(offset))
  agree('data checksum', crc32(image.subarray(0, number64(koly, 32))), koly.readUInt32BE(88))
  const xml = image.toString('utf8', number64(koly, 216), number64(koly, 216) + number64(koly, 224))
  const table = Buffer.from(/<data>([\s\S]*?)<\/data>/.exec(xml)?.[1] ?? '', 'base64')
  let [volumeChecksum, sector] = [0, 0]
  for (let at = TABLE_HEAD_BYTES; table.readUInt32BE(at) !== kinds.end; at += CHUNK_ENTRY_BYTES) {
    const kind = table.readUInt32BE(at)
    const [first = 0, sectors = 0, offset = 0, length = 0] = [8, 16, 24, 32].map((place) => number64(table, at + place))
    agree('next sector', first, sector)
    const body = image.subarray(offset, offset + length)
    const raw = kind === kinds.zero ? Buffer.alloc(sectors * SECTOR_BYTES) : kind === kinds.raw ? body : inflateSync(body)
    agree('chunk', raw.length, sectors * SECTOR_BYTES)
    volumeChecksum = crc32(raw, volumeChecksum)
    sector += sectors
    onChunk(raw)
  }
  agree('volume checksum', volumeChecksum, table.readUInt32BE(72))
  agree('master checksum', masterChecksum(volumeChecksum), koly.readUInt32BE(360))
  agree('size in sectors', sector, number64(koly, 492))
}
