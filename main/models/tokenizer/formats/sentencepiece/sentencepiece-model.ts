import { AppError } from '../../../../shared/app-error.ts'
import { protoFields, type ProtoField } from './proto-fields.ts'

const PIECE_TYPES = ['normal', 'unknown', 'control', 'user-defined', 'unused', 'byte'] as const
type PieceType = (typeof PIECE_TYPES)[number]

interface Piece {
  readonly text: string
  readonly score: number
  readonly type: PieceType
}

/** The contents of a `tokenizer.model`. */
export interface SentencePieceModel {
  readonly kind: 'unigram' | 'bpe'
  /** By id. */
  readonly pieces: readonly Piece[]
  readonly unknownId: number
  readonly hasByteFallback: boolean
  readonly isSpaceSuffix: boolean
  /** Whether a space is added before the text. */
  readonly addsPrefix: boolean
  readonly removesExtraSpaces: boolean
  readonly escapesSpaces: boolean
  /** The normalization rules; empty: texts are unchanged. */
  readonly charsMap: Uint8Array
}

const KINDS: Readonly<Record<number, SentencePieceModel['kind']>> = { 1: 'unigram', 2: 'bpe' }
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const bytesOf = ({ value }: ProtoField): Uint8Array => (typeof value === 'number' ? new Uint8Array() : value)
const numberOf = ({ value }: ProtoField): number => (typeof value === 'number' ? value : 0)

function floatOf({ value }: ProtoField): number {
  if (typeof value === 'number' || value.length !== 4) return 0
  return new DataView(value.buffer, value.byteOffset, 4).getFloat32(0, true)
}

function pieceOf(bytes: Uint8Array): Piece {
  let [text, score, type]: [string, number, PieceType] = ['', 0, 'normal']
  for (const field of protoFields(bytes)) {
    if (field.number === 1) text = utf8.decode(bytesOf(field))
    else if (field.number === 2) score = floatOf(field)
    else if (field.number === 3) type = PIECE_TYPES[numberOf(field) - 1] ?? 'unused'
  }
  return { text, score, type }
}

/** The numeric fields of a message, and the bytes of its nested messages. */
function fieldsOf(bytes: Uint8Array): Map<number, ProtoField> {
  return new Map(Array.from(protoFields(bytes), (field) => [field.number, field]))
}

/** @throws AppError `model-damaged` | `model-unsupported` */
export function readSentencePieceModel(file: Uint8Array): SentencePieceModel {
  const damaged = (why: string): AppError =>
    new AppError('model-damaged', `The tokenizer.model of the model ${why}. Fetch the model again.`)
  try {
    const pieces: Piece[] = []
    let [trainer, normalizer] = [new Map<number, ProtoField>(), new Map<number, ProtoField>()]
    for (const field of protoFields(file)) {
      if (field.number === 1) pieces.push(pieceOf(bytesOf(field)))
      else if (field.number === 2) trainer = fieldsOf(bytesOf(field))
      else if (field.number === 3) normalizer = fieldsOf(bytesOf(field))
    }
    if (pieces.length === 0) throw damaged('holds no tokens')
    const number = (fields: Map<number, ProtoField>, key: number, otherwise: number): number => {
      const field = fields.get(key)
      return field === undefined ? otherwise : numberOf(field)
    }
    const kind = KINDS[number(trainer, 3, 1)]
    if (kind === undefined)
      throw new AppError(
        'model-unsupported',
        'The tokenizer.model of the model is neither unigram nor BPE. Take a version with a tokenizer.json.',
      )
    const charsMap = normalizer.get(2)
    return {
      kind,
      pieces,
      unknownId: Math.max(
        0,
        pieces.findIndex(({ type }) => type === 'unknown'),
      ),
      hasByteFallback: number(trainer, 35, 0) === 1,
      isSpaceSuffix: number(trainer, 24, 0) === 1,
      addsPrefix: number(normalizer, 3, 1) === 1,
      removesExtraSpaces: number(normalizer, 4, 1) === 1,
      escapesSpaces: number(normalizer, 5, 1) === 1,
      charsMap: charsMap === undefined ? new Uint8Array() : bytesOf(charsMap),
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw damaged(`is damaged: ${cause.message}`)
    throw cause
  }
}
