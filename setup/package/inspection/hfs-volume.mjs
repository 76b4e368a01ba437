import { execFileSync } from 'node:child_process'
import { Buffer } from 'node:buffer'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SECTOR_BYTES = 512
const COPY_BYTES = 8 << 20
/** The limit of Apple's partition map. Each entry takes one sector. */
const MOST_PARTITIONS = 63

/**
 * Creates an HFS+ volume from a folder. xorriso creates an image with several file systems over the same content, and the
 * volume is one partition of it.
 *
 * @param {string} folder
 * @param {string} title
 * @param {string} scratch
 * @returns {string} path of the volume's file
 */
export function makeHfsVolume(folder, title, scratch) {
  const hybrid = join(scratch, 'hybrid.iso')
  const volume = join(scratch, 'volume.hfs')
  execFileSync(
    'xorriso',
    ['-as', 'mkisofs', '-quiet', '-hfsplus', '-uid', '0', '-gid', '0', '-V', title.slice(0, 32), '-o', hybrid, folder],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const from = openSync(hybrid, 'r')
  const to = openSync(volume, 'w')
  try {
    const { firstSector, sectors } = findPartition(from)
    const buffer = Buffer.alloc(COPY_BYTES)
    const totalBytes = sectors * SECTOR_BYTES
    for (let done = 0; done < totalBytes; ) {
      const bytes = readSync(from, buffer, 0, Math.min(COPY_BYTES, totalBytes - done), firstSector * SECTOR_BYTES + done)
      writeSync(to, buffer, 0, bytes)
      done += bytes
    }
  } finally {
    closeSync(from)
    closeSync(to)
    rmSync(hybrid)
  }
  return volume
}

/** @param {number} image - open file */
function findPartition(image) {
  const map = Buffer.alloc((MOST_PARTITIONS + 1) * SECTOR_BYTES)
  readSync(image, map, 0, map.length, 0)
  for (
    let entry = 1;
    entry <= MOST_PARTITIONS && map.toString('latin1', entry * SECTOR_BYTES, entry * SECTOR_BYTES + 2) === 'PM';
    entry += 1
  ) {
    const at = entry * SECTOR_BYTES
    if (map.toString('latin1', at + 48, at + 57) === 'Apple_HFS')
      return { firstSector: map.readUInt32BE(at + 8), sectors: map.readUInt32BE(at + 12) }
  }
  throw new Error('xorriso did not create an HFS+ volume. Install version 1.2 or newer.')
}
