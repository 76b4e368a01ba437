import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType } from 'node:zlib'
import * as zlib from 'node:zlib'
import { ApiError } from '../api-error.ts'

type Decoder = (body: InputType, options: { maxOutputLength: number }) => Promise<Buffer>

/** Absent before Node 22.15. */
const zstd: unknown = (zlib as Record<string, unknown>)['zstdDecompress']

/** Some senders omit the two-byte header of `deflate`. */
const inflateEither: Decoder = async (body, options) =>
  promisify(inflate)(body, options).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'Z_DATA_ERROR') throw error
    return promisify(inflateRaw)(body, options)
  })

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', inflateEither],
  ['br', promisify(brotliDecompress)],
  ...(typeof zstd === 'function' ? [['zstd', promisify(zstd as typeof gunzip) as Decoder] as const] : []),
])

const MOST_ENCODINGS = 3

/**
 * Decompresses a body to at most `limitBytes`.
 *
 * @throws ApiError 400 if it does not decode, 413 beyond the limit, 415 for another encoding
 */
export async function decodeBody(body: Buffer, contentEncoding: string | undefined, limitBytes: number): Promise<Buffer> {
  const encodings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity')
  if (encodings.length > MOST_ENCODINGS) throw new ApiError(415, 'unsupported_encoding', 'The body is compressed too many times.')
  let decoded = body
  for (const encoding of encodings.reverse()) {
    const decode = DECODERS.get(encoding)
    if (!decode)
      throw new ApiError(
        415,
        'unsupported_encoding',
        `This node does not support the content encoding '${encoding}'. Use one of ${[...DECODERS.keys()].join(', ')}.`,
      )
    decoded = await decode(decoded, { maxOutputLength: limitBytes }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ERR_BUFFER_TOO_LARGE')
        throw new ApiError(
          413,
          'request_too_large',
          `The body is larger than ${Math.floor(limitBytes / 2 ** 20)} MiB once it is decoded.`,
          { cause },
        )
      throw new ApiError(400, 'invalid_encoding', `The body is not ${encoding}, as its Content-Encoding header says.`, { cause })
    })
  }
  return decoded
}
