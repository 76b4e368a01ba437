import { CALL_MARKERS } from '../../domain/generation/calls/call-formats.ts'
import { HARMONY_MARKERS } from '../../domain/generation/split-harmony.ts'

/** A vocabulary as bytes, compact and quick to pass from one thread to another. */
export interface TokenTable {
  /** The bytes of all tokens, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Shape [vocabulary + 1]: token i is bytes[offsets[i] .. offsets[i + 1]). */
  readonly offsets: Uint32Array<ArrayBuffer>
  /** Shape [vocabulary]: 1 for special tokens, which are not part of the text. */
  readonly special: Uint8Array<ArrayBuffer>
}

/** The inputs of the table, as in tokenizer.json. */
export interface TokenTableSource {
  readonly vocab: Iterable<readonly [token: string, id: number]>
  readonly addedTokens: readonly { readonly id: number; readonly content: string; readonly special: boolean }[]
  readonly decoder: unknown
}

const encoder = new TextEncoder()

/** Byte-level BPE writes each byte as a character: printable Latin-1 as itself, the other 68 from U+0100 on. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const others = bytes.filter((byte) => !isPrintable(byte))
  return new Map(bytes.map((byte) => [String.fromCharCode(isPrintable(byte) ? byte : 256 + others.indexOf(byte)), byte]))
})()

interface DecoderNode {
  readonly type?: string
  readonly decoders?: readonly DecoderNode[]
  readonly content?: string
  readonly start?: number
  readonly prepend_scheme?: string
  readonly add_prefix_space?: boolean
}

/** A decoder and, for a sequence, all its members. */
function decoderNodes(decoder: unknown): DecoderNode[] {
  if (typeof decoder !== 'object' || decoder === null) return []
  const node = decoder as DecoderNode
  return [node, ...(node.decoders ?? []).flatMap(decoderNodes)]
}

/** Whether decoding drops one space at the start of a text. */
export function stripsLeadingSpace(decoder: unknown): boolean {
  return decoderNodes(decoder).some(
    (node) =>
      (node.type === 'Strip' && node.content === ' ' && (node.start ?? 0) > 0) ||
      (node.type === 'Metaspace' && node.prepend_scheme !== 'never' && node.add_prefix_space !== false),
  )
}

function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length)
  for (let index = 0; index < token.length; index++) {
    const byte = byteOfCharacter.get(token[index]!)
    if (byte === undefined) return encoder.encode(token)
    bytes[index] = byte
  }
  return bytes
}

function sentencePieceBytes(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)
  return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : encoder.encode(token.replaceAll('▁', ' '))
}

/** @returns a table with an entry for every id up to the highest; unused ids are empty */
export function makeTokenTable({ vocab, addedTokens, decoder }: TokenTableSource): TokenTable {
  const isByteLevel = decoderNodes(decoder).some((node) => node.type === 'ByteLevel')
  const bytesById: Uint8Array[] = []
  for (const [token, id] of vocab) bytesById[id] = isByteLevel ? byteLevelBytes(token) : sentencePieceBytes(token)
  for (const { id, content } of addedTokens) bytesById[id] = encoder.encode(isByteLevel ? content : content.replaceAll('▁', ' '))
  const offsets = new Uint32Array(bytesById.length + 1)
  for (let id = 0; id < bytesById.length; id++) offsets[id + 1] = offsets[id]! + (bytesById[id]?.length ?? 0)
  const bytes = new Uint8Array(offsets[bytesById.length]!)
  bytesById.forEach((token, id) => bytes.set(token, offsets[id]))
  const special = new Uint8Array(bytesById.length)
  for (const token of addedTokens)
    if (token.special && !HARMONY_MARKERS.includes(token.content) && !CALL_MARKERS.includes(token.content)) special[token.id] = 1
  return { bytes, offsets, special }
}

export const emptyTokenTable: TokenTable = { bytes: new Uint8Array(), offsets: new Uint32Array(1), special: new Uint8Array() }

/** A view of the token's bytes; empty for an id that the vocabulary lacks. */
export function tokenBytesOf(table: TokenTable, tokenId: number): Uint8Array {
  return table.bytes.subarray(table.offsets[tokenId] ?? 0, table.offsets[tokenId + 1] ?? 0)
}

/** Whether a text is one token. */
export function hasTokenOf(table: TokenTable, text: string): boolean {
  const bytes = Buffer.from(text)
  return Array.from(table.special.keys()).some((tokenId) => bytes.equals(tokenBytesOf(table, tokenId)))
}
