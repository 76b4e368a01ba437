import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { rpmHeader } from './rpm-header.mjs'
import { layOutSystemRoot } from './system-root.mjs'
import { gzipOf } from './ustar.mjs'

const [FOLDER, FILE, LINK] = [0o040000, 0o100000, 0o120000]
/** Comparisons of dependencies. */
const [AT_LEAST, EXACTLY, OF_RPM] = [0x0c, 0x08, 0x0100000a]
const SHA256 = 8
const TAGS = { signatures: 62, package: 63 }
/** Folders of the system, which no package owns by itself. */
const SYSTEM_FOLDERS = /^\/usr(\/(bin|lib|share(\/(man(\/man1)?|bash-completion.*|zsh.*|fish.*))?))?$/

/**
 * An RPM package of a staged program, unsigned; the checksums of the release are signed. The same bytes on every machine.
 *
 * @param {string} staged
 * @param {string} file
 * @param {{ version: string, architecture: 'x86_64' | 'aarch64', epochSeconds: number }} facts
 */
export function makeRpm(staged, file, facts) {
  const root = mkdtempSync(join(tmpdir(), 'exo-node-rpm-'))
  try {
    layOutSystemRoot(staged, root)
    writeFileSync(file, rpmOf(root, facts))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** @param {string} root @param {Parameters<typeof makeRpm>[2]} facts */
function rpmOf(root, { version, architecture, epochSeconds }) {
  const files = filesIn(root)
  const archive = cpioOf(files, epochSeconds)
  const payload = gzipOf(archive)
  const folders = [...new Set(files.map(({ path }) => `${dirname(path).replace(/\/$/, '')}/`))]
  // A version of RPM has no hyphen.
  const rpmVersion = version.replaceAll('-', '~')
  const needed = [
    ['glibc', AT_LEAST, '2.35'],
    ['libgcc', 0, ''],
    ['libstdc++', 0, ''],
    ['rpmlib(CompressedFileNames)', OF_RPM, '3.0.4-1'],
    ['rpmlib(FileDigests)', OF_RPM, '4.6.0-1'],
    ['rpmlib(PayloadFilesHavePrefix)', OF_RPM, '4.0-1'],
  ]
  const header = rpmHeader(TAGS.package, [
    { tag: 100, type: 'strings', value: ['C'] },
    { tag: 1000, type: 'string', value: 'exo-node' },
    { tag: 1001, type: 'string', value: rpmVersion },
    { tag: 1002, type: 'string', value: '1' },
    { tag: 1004, type: 'translated', value: 'Large language models on all your machines as one, without the app' },
    { tag: 1005, type: 'translated', value: 'A node of exo: the command line, the engine, the dashboard and a small model.' },
    { tag: 1006, type: 'int32', value: [epochSeconds] },
    { tag: 1007, type: 'string', value: 'localhost' },
    { tag: 1009, type: 'int32', value: [files.reduce((sum, { content }) => sum + content.length, 0)] },
    { tag: 1014, type: 'string', value: 'Apache-2.0' },
    { tag: 1016, type: 'translated', value: 'Unspecified' },
    { tag: 1021, type: 'string', value: 'linux' },
    { tag: 1022, type: 'string', value: architecture },
    { tag: 1028, type: 'int32', value: files.map(({ content }) => content.length) },
    { tag: 1030, type: 'int16', value: files.map(({ mode }) => mode) },
    { tag: 1033, type: 'int16', value: files.map(() => 0) },
    { tag: 1034, type: 'int32', value: files.map(() => epochSeconds) },
    { tag: 1035, type: 'strings', value: files.map(({ mode, content }) => ((mode & 0o170000) === FILE ? sha256(content) : '')) },
    { tag: 1036, type: 'strings', value: files.map(({ mode, content }) => ((mode & 0o170000) === LINK ? content.toString() : '')) },
    { tag: 1037, type: 'int32', value: files.map(() => 0) },
    { tag: 1039, type: 'strings', value: files.map(() => 'root') },
    { tag: 1040, type: 'strings', value: files.map(() => 'root') },
    { tag: 1044, type: 'string', value: `exo-node-${rpmVersion}-1.src.rpm` },
    { tag: 1045, type: 'int32', value: files.map(() => 0xffffffff) },
    { tag: 1047, type: 'strings', value: ['exo-node'] },
    { tag: 1048, type: 'int32', value: needed.map(([, flags]) => Number(flags)) },
    { tag: 1049, type: 'strings', value: needed.map(([name]) => String(name)) },
    { tag: 1050, type: 'strings', value: needed.map(([, , least]) => String(least)) },
    { tag: 1095, type: 'int32', value: files.map(() => 1) },
    { tag: 1096, type: 'int32', value: files.map((_, index) => index + 1) },
    { tag: 1097, type: 'strings', value: files.map(() => '') },
    { tag: 1112, type: 'int32', value: [EXACTLY] },
    { tag: 1113, type: 'strings', value: [`${rpmVersion}-1`] },
    { tag: 1116, type: 'int32', value: files.map(({ path }) => folders.indexOf(`${dirname(path).replace(/\/$/, '')}/`)) },
    { tag: 1117, type: 'strings', value: files.map(({ path }) => basename(path)) },
    { tag: 1118, type: 'strings', value: folders },
    { tag: 1124, type: 'string', value: 'cpio' },
    { tag: 1125, type: 'string', value: 'gzip' },
    { tag: 1126, type: 'string', value: '9' },
    { tag: 5011, type: 'int32', value: [SHA256] },
    { tag: 5092, type: 'strings', value: [sha256(payload)] },
    { tag: 5093, type: 'int32', value: [SHA256] },
  ])
  const signature = rpmHeader(TAGS.signatures, [
    { tag: 269, type: 'string', value: createHash('sha1').update(header).digest('hex') },
    { tag: 273, type: 'string', value: sha256(header) },
    { tag: 1000, type: 'int32', value: [header.length + payload.length] },
    { tag: 1004, type: 'binary', value: createHash('md5').update(header).update(payload).digest() },
    { tag: 1007, type: 'int32', value: [archive.length] },
  ])
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8)
  return Buffer.concat([leadOf(`exo-node-${rpmVersion}-1`, architecture), signature, padding, header, payload])
}

/** The part before the headers, which only tells old programs what the file is. @param {string} name @param {string} architecture */
function leadOf(name, architecture) {
  const lead = Buffer.alloc(96)
  lead.writeUInt32BE(0xedabeedb, 0)
  lead[4] = 3
  lead.writeUInt16BE(architecture === 'x86_64' ? 1 : 19, 8)
  lead.write(name.slice(0, 65), 10)
  lead.writeUInt16BE(1, 76)
  lead.writeUInt16BE(5, 78)
  return lead
}

/** @typedef {{ path: string, mode: number, content: Buffer }} PackedFile - `content` of a link: its target */

/** @param {string} root @returns {PackedFile[]} in the order of their paths, as RPM demands */
function filesIn(root) {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => `/${path}`)
  return paths
    .filter((path) => !SYSTEM_FOLDERS.test(path))
    .sort()
    .map((path) => {
      const stat = lstatSync(join(root, path))
      if (stat.isDirectory()) return { path, mode: FOLDER | 0o755, content: Buffer.alloc(0) }
      if (stat.isSymbolicLink()) return { path, mode: LINK | 0o777, content: Buffer.from(readlinkSync(join(root, path))) }
      return { path, mode: FILE | (stat.mode & 0o100 ? 0o755 : 0o644), content: readFileSync(join(root, path)) }
    })
}

/** Source: cpio(5), "New ASCII Format". @param {readonly PackedFile[]} files @param {number} epochSeconds */
function cpioOf(files, epochSeconds) {
  /** @type {Buffer[]} */
  const parts = []
  let bytes = 0
  const add = (/** @type {Buffer} */ data) => {
    const padding = Buffer.alloc((4 - ((bytes + data.length) % 4)) % 4)
    parts.push(data, padding)
    bytes += data.length + padding.length
  }
  const entry = (/** @type {string} */ name, /** @type {number} */ inode, /** @type {number} */ mode, /** @type {Buffer} */ content) => {
    const isFolder = (mode & 0o170000) === FOLDER
    const fields = [inode, mode, 0, 0, isFolder ? 2 : 1, epochSeconds, content.length, 0, 1, 0, 0, Buffer.byteLength(name) + 1, 0]
    add(Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`))
    add(content)
  }
  for (const [index, { path, mode, content }] of files.entries()) entry(`.${path}`, index + 1, mode, content)
  entry('TRAILER!!!', 0, 0, Buffer.alloc(0))
  return Buffer.concat(parts)
}

/** @param {Buffer} data */
function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}
