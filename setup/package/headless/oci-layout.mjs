import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipOf } from './ustar.mjs'

const HEALTH_SECONDS = 30
const NANOSECONDS = 1e9
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'
/** An account that exists in no image: a number needs no entry in /etc/passwd. */
const USER = '10001:10001'

/** @typedef {{ layers: readonly Buffer[], architecture: 'amd64' | 'arm64' }} SystemImage - `layers`: tar archives */

/**
 * Writes an image for one system or several as an OCI image layout, which podman, docker (with `oci-archive:`) and registries
 * read. Its layers are archives without compression. Source: OCI Image Format Specification 1.1.
 *
 * @param {string} folder - is replaced
 * @param {readonly SystemImage[]} images
 * @param {{ version: string, epochSeconds: number }} facts
 */
export function writeOciLayout(folder, images, facts) {
  rmSync(folder, { recursive: true, force: true })
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  /** @param {string} mediaType @param {Buffer} data */
  const blob = (mediaType, data) => {
    const digest = createHash('sha256').update(data).digest('hex')
    writeFileSync(join(blobs, digest), data)
    return { mediaType, digest: `sha256:${digest}`, size: data.length }
  }
  const manifests = images.map((image) => ({
    ...writeManifest(image, facts, blob),
    platform: { os: 'linux', architecture: image.architecture },
  }))
  // Programs that take a folder's only image choose its system only within an index of its own.
  const image = blob(INDEX_TYPE, json({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }))
  const named = { ...image, annotations: { 'org.opencontainers.image.ref.name': facts.version } }
  writeFileSync(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(folder, 'index.json'), json({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [named] }))
}

/**
 * @param {SystemImage} image
 * @param {{ version: string, epochSeconds: number }} facts
 * @param {(mediaType: string, data: Buffer) => { mediaType: string, digest: string, size: number }} blob - writes one
 */
function writeManifest({ layers, architecture }, { version, epochSeconds }, blob) {
  const created = new Date(epochSeconds * 1000).toISOString()
  const config = blob(
    'application/vnd.oci.image.config.v1+json',
    json({
      created,
      architecture,
      os: 'linux',
      config: {
        User: USER,
        ExposedPorts: { '8080/tcp': {} },
        Env: ['PATH=/opt/exo/bin', 'HOME=/data', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt', 'EXO_HOME=/data', 'HF_HOME=/models'],
        Entrypoint: ['/opt/exo/node', '/opt/exo/dist/exo.mjs'],
        Cmd: ['--host', '0.0.0.0'],
        Volumes: { '/data': {}, '/models': {} },
        WorkingDir: '/data',
        StopSignal: 'SIGTERM',
        Healthcheck: {
          Test: ['CMD', '/opt/exo/node', '/opt/exo/dist/exo.mjs', 'ps'],
          Interval: HEALTH_SECONDS * NANOSECONDS,
          Timeout: 5 * NANOSECONDS,
        },
        Labels: {
          'org.opencontainers.image.title': 'exo',
          'org.opencontainers.image.version': version,
          'org.opencontainers.image.licenses': 'Apache-2.0',
        },
      },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${createHash('sha256').update(layer).digest('hex')}`) },
    }),
  )
  return blob(
    'application/vnd.oci.image.manifest.v1+json',
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: layers.map((layer) => blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipOf(layer))),
    }),
  )
}

/** @param {unknown} value */
function json(value) {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
