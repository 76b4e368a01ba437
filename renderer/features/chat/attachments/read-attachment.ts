import type { Attachment } from '../../../../main/shared/chats/chat.ts'

/** Why a file cannot be attached. */
export type AttachmentRefusal = 'image' | 'media' | 'binary' | 'empty' | 'too-big' | 'no-text' | 'damaged'

export type ReadFile =
  | { readonly kind: 'read'; readonly attachment: Attachment }
  | { readonly kind: 'refused'; readonly name: string; readonly reason: AttachmentRefusal }

/** A larger file is not read at all. */
export const MOST_FILE_BYTES = 50 * 2 ** 20
/** A chat holds 8 MiB. No model reads more text than this at once. */
const MOST_TEXT_CHARACTERS = 2_000_000

class Refusal extends Error {
  readonly reason: AttachmentRefusal
  constructor(reason: AttachmentRefusal) {
    super(reason)
    this.reason = reason
  }
}

/** The text of a file, read on this machine: text, code, PDF and Word. Whatever else it is, it is refused by name. */
export async function readAttachment(file: File): Promise<ReadFile> {
  const name = cleanName(file.name)
  try {
    const text = (await textOf(file, name)).replaceAll('\r\n', '\n')
    if (text.trim() === '') throw new Refusal(file.size === 0 ? 'empty' : 'no-text')
    if (text.length > MOST_TEXT_CHARACTERS) throw new Refusal('too-big')
    return { kind: 'read', attachment: { name, text } }
  } catch (error) {
    // What a reader throws says that the file is not what its name promises.
    return { kind: 'refused', name, reason: error instanceof Refusal ? error.reason : 'damaged' }
  }
}

async function textOf(file: File, name: string): Promise<string> {
  const [kind = ''] = file.type.split('/', 1)
  if (kind === 'image' && file.type !== 'image/svg+xml') throw new Refusal('image')
  if (file.size > MOST_FILE_BYTES) throw new Refusal('too-big')
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (startsWith(bytes, '%PDF-')) return (await import('./read-pdf.ts')).readPdf(bytes)
  if (/\.docx$/i.test(name)) return (await import('./read-docx.ts')).readDocx(bytes)
  const text = decode(bytes)
  if (text !== null) return text
  if (/\.(png|jpe?g|gif|webp|bmp|tiff?|heic|avif)$/i.test(name)) throw new Refusal('image')
  throw new Refusal(kind === 'audio' || kind === 'video' ? 'media' : 'binary')
}

const startsWith = (bytes: Uint8Array, text: string): boolean => new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text

/** Tabs, ends of lines and pages, and the escapes of terminals. */
const TEXT_CONTROLS = '\t\n\v\f\r\u001b'

/** Text in UTF-8, in UTF-16 with its mark, or in Windows' western encoding; null: it is not text. */
function decode(bytes: Uint8Array): string | null {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  const text = decodeAs(encoding, bytes) ?? decodeAs('windows-1252', bytes)
  return text === null || [...text].some(isControl) ? null : text
}

/** Whether a character occurs in no text, but in other content. */
const isControl = (character: string): boolean => character < ' ' && !TEXT_CONTROLS.includes(character)

function decodeAs(encoding: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** A name that the node takes. */
function cleanName(name: string): string {
  const clean = name.replace(/\p{Cc}/gu, ' ').trim()
  if (clean === '') return 'file'
  return clean.length <= 255 ? clean : `${clean.slice(0, 200)}…${clean.slice(-40)}`
}
