import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { writeOciLayout } from './oci-layout.mjs'
import { ustarOf } from './ustar.mjs'

const content = mkdtempSync(join(tmpdir(), 'exo-oci-content-'))
writeFileSync(join(content, 'file'), 'text')
const layers = [ustarOf(content, { root: '', epochSeconds: 1 })]
const images = /** @type {const} */ (['amd64', 'arm64']).map((architecture) => ({ layers, architecture }))

/** @param {Buffer} data */
const digestOf = (data) => `sha256:${createHash('sha256').update(data).digest('hex')}`

it('writes an image for two systems whose parts have the stated digests, and the same twice', () => {
  const folders = [0, 1].map(() => {
    const folder = mkdtempSync(join(tmpdir(), 'exo-oci-'))
    writeOciLayout(folder, images, { version: '1.2.3', epochSeconds: 1 })
    return folder
  })
  const [folder = '', again = ''] = folders
  /** @param {string} digest */
  const blob = (digest) => readFileSync(join(folder, 'blobs', 'sha256', digest.replace('sha256:', '')))
  const [named] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests
  expect(named.annotations['org.opencontainers.image.ref.name']).toBe('1.2.3')
  const { manifests } = JSON.parse(blob(named.digest).toString())
  for (const [index, architecture] of ['amd64', 'arm64'].entries()) {
    const entry = manifests[index]
    expect(entry.platform).toEqual({ os: 'linux', architecture })
    const manifest = JSON.parse(blob(entry.digest).toString())
    for (const { digest, size } of [named, entry, manifest.config, ...manifest.layers]) {
      expect([digestOf(blob(digest)), blob(digest).length]).toEqual([digest, size])
    }
    const config = JSON.parse(blob(manifest.config.digest).toString())
    expect(config.architecture).toBe(architecture)
    expect(config.rootfs.diff_ids).toEqual(
      manifest.layers.map((/** @type {{ digest: string }} */ { digest }) => digestOf(gunzipSync(blob(digest)))),
    )
    expect(config.config.User).not.toBe('root')
  }
  expect(readdirSync(join(folder, 'blobs', 'sha256')).sort()).toEqual(readdirSync(join(again, 'blobs', 'sha256')).sort())
})
