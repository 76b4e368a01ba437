import { Buffer } from 'node:buffer'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readUdif, writeUdif } from './udif.mjs'

/** @type {string} */
let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exo-udif-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** @param {Buffer} volume */
async function imageOf(volume) {
  writeFileSync(join(folder, 'volume'), volume)
  const image = join(folder, 'image.dmg')
  await writeUdif(join(folder, 'volume'), image, 1)
  return image
}

/** @param {string} image */
function volumeOf(image) {
  /** @type {Buffer[]} */
  const parts = []
  readUdif(image, (raw) => parts.push(Buffer.from(raw)))
  return Buffer.concat(parts)
}

it.each([
  ['nothing but noise', randomBytes(512 * 700)],
  ['much that is empty', Buffer.concat([randomBytes(512), Buffer.alloc(512 * 9000), Buffer.from('end'.padEnd(512))])],
  ['one sector', Buffer.alloc(512, 7)],
])('gives back a volume of %s', async (_, volume) => {
  expect(volumeOf(await imageOf(volume)).equals(volume)).toBe(true)
})

it('notices any byte that changed', async () => {
  const image = await imageOf(Buffer.concat([Buffer.alloc(512 * 600, 'text'), randomBytes(512 * 3)]))
  const bytes = readFileSync(image)
  for (const place of [0, 100, 1000, bytes.length - 512, bytes.length - 424, bytes.length - 152]) {
    const changed = Buffer.from(bytes)
    changed[place] = (changed[place] ?? 0) ^ 1
    writeFileSync(image, changed)
    expect(() => volumeOf(image), `byte ${place}`).toThrow(/^The image's /)
  }
})
