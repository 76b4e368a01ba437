#!/usr/bin/env node
// Builds a macOS disk image without macOS. Called as electron-builder calls dmgbuild: -s SETTINGS.json TITLE FILE.dmg
// Supports no background picture and no icon positions. Needs xorriso.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { makeHfsVolume } from './hfs-volume.mjs'
import { readUdif, writeUdif } from './udif.mjs'

const DEFAULT_LEVEL = 6

const [flag, settingsFile = '', title = '', imageFile = ''] = process.argv.slice(2)
if (flag !== '-s' || imageFile === '') {
  process.stderr.write('usage: make-dmg.mjs -s SETTINGS.json TITLE FILE.dmg\n')
  process.exit(2)
}
/** @type {{ contents: { path: string, type: string, name?: string }[] }} */
const settings = JSON.parse(readFileSync(settingsFile, 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'exo-dmg-'))
try {
  const folder = join(scratch, 'volume')
  mkdirSync(folder)
  for (const { path, type, name } of settings.contents) {
    const place = join(folder, name ?? basename(path))
    if (type === 'link') symlinkSync(path, place)
    else cpSync(path, place, { recursive: true, verbatimSymlinks: true })
  }
  const volume = makeHfsVolume(folder, title, scratch)
  rmSync(folder, { recursive: true })
  rmSync(imageFile, { force: true })
  await writeUdif(volume, imageFile, Number(process.env.ELECTRON_BUILDER_COMPRESSION_LEVEL ?? DEFAULT_LEVEL))
  // Read the image back to verify all its checksums.
  readUdif(imageFile, () => undefined)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
