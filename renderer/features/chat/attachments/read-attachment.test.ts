// @vitest-environment happy-dom
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { pdfWith } from '../../../../main/shared/__fixtures__/pdf-with.ts'
import { MOST_FILE_BYTES, readAttachment } from './read-attachment.ts'

const docx = (body: string): Uint8Array =>
  zipSync({
    'word/document.xml': strToU8(
      `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ),
    'word/media/image1.png': strToU8('x'),
  })
const paragraph = (...runs: readonly string[]): string => `<w:p>${runs.map((run) => `<w:r><w:t>${run}</w:t></w:r>`).join('')}</w:p>`
const file = (name: string, content: string | Uint8Array, type = ''): File => new File([content as BlobPart], name, { type })
const read = async (...given: Parameters<typeof file>): Promise<string> => {
  const result = await readAttachment(file(...given))
  return result.kind === 'read' ? result.attachment.text : `refused: ${result.reason}`
}

describe('readAttachment', () => {
  it('reads text and code in the encodings that files have', async () => {
    expect(await read('a.py', 'print("é")\r\n')).toBe('print("é")\n')
    expect(await read('a.txt', Uint8Array.of(0xff, 0xfe, 0x68, 0, 0xe9, 0))).toBe('hé')
    expect(await read('a.txt', Uint8Array.of(0x68, 0xe9))).toBe('hé')
    expect(await read('drawing.svg', '<svg/>', 'image/svg+xml')).toBe('<svg/>')
  })
  it('reads the text of a PDF, whatever its name', async () => {
    expect(await read('paper', pdfWith(['Herons eat fish.', 'Second page']))).toBe('Herons eat fish.\n\nSecond page')
    expect(await read('scan.pdf', pdfWith(['']))).toBe('refused: no-text')
    expect(await read('broken.pdf', '%PDF-1.4 and nothing')).toBe('refused: damaged')
  })
  it('reads the text of a Word document', async () => {
    const table = `<w:tbl><w:tr><w:tc>${paragraph('a')}</w:tc><w:tc>${paragraph('b')}</w:tc></w:tr></w:tbl>`
    expect(await read('a.docx', docx(paragraph('One', ' two') + table + paragraph('Three &amp; four')))).toBe(
      'One two\n\na\tb\nThree & four',
    )
    expect(await read('a.docx', 'no archive')).toBe('refused: damaged')
    expect(await read('a.docx', zipSync({ 'other.xml': strToU8('x') }))).toBe('refused: damaged')
  })
  it.each([
    ['photo.png', Uint8Array.of(0x89, 0x50, 0, 0), 'image/png', 'image'],
    ['photo.heic', Uint8Array.of(0, 0, 1), '', 'image'],
    ['song.mp3', Uint8Array.of(0, 1), 'audio/mpeg', 'media'],
    ['program', Uint8Array.of(0x7f, 0x45, 0, 0), '', 'binary'],
    ['nothing.txt', '', 'text/plain', 'empty'],
    ['spaces.txt', ' \n', 'text/plain', 'no-text'],
    ['long.txt', 'x'.repeat(2_000_001), 'text/plain', 'too-big'],
  ])('refuses %s', async (name, content, type, reason) => expect(await read(name, content, type)).toBe(`refused: ${reason}`))
  it('does not read a file that is too big', async () => {
    const big = Object.assign(file('big.txt', 'x'), { arrayBuffer: () => expect.fail('it was read') })
    Object.defineProperty(big, 'size', { value: MOST_FILE_BYTES + 1 })
    expect(await readAttachment(big)).toEqual({ kind: 'refused', name: 'big.txt', reason: 'too-big' })
  })
  it('gives names that the node takes', async () => {
    const name = async (given: string) => (await readAttachment(file(given, 'x'))) as { attachment: { name: string } }
    expect((await name('a\nb.txt')).attachment.name).toBe('a b.txt')
    expect((await name('')).attachment.name).toBe('file')
    expect((await name(`${'x'.repeat(300)}.txt`)).attachment.name).toMatch(/^x{200}….+\.txt$/)
  })
})
