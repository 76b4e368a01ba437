import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'

/**
 * Writes an asar archive of a few text files: four sizes, a JSON header and the contents.
 *
 * @param {string} file
 * @param {Readonly<Record<string, string>>} texts - file contents by name
 */
export function writeAsar(file, texts) {
  /** @type {{ files: Record<string, { size: number, offset: string }> }} */
  const header = { files: {} }
  const contents = Object.entries(texts).map(([name, text]) => ({ name, content: Buffer.from(text) }))
  let offset = 0
  for (const { name, content } of contents) {
    header.files[name] = { size: content.length, offset: String(offset) }
    offset += content.length
  }
  const json = Buffer.from(JSON.stringify(header))
  const paddedLength = (json.length + 3) & ~3
  const head = Buffer.alloc(16 + paddedLength)
  for (const [index, value] of [4, paddedLength + 8, paddedLength + 4, json.length].entries()) head.writeUInt32LE(value, 4 * index)
  json.copy(head, 16)
  writeFileSync(file, Buffer.concat([head, ...contents.map(({ content }) => content)]))
}
