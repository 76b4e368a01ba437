import { open } from 'node:fs/promises'
import { resolvePath } from '../../platform/files/default-folders.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import type { HubFetch } from './create-hub-fetch.ts'
import { openPublished, publishedUrl } from './open-published.ts'
import { readWithin } from './read-within.ts'

const MOST_CATALOGUE_BYTES = 4 << 20
const MOST_SIGNATURE_BYTES = 1 << 10

interface FetchedCatalogue {
  readonly bytes: Uint8Array
  readonly signature: string
}

/**
 * Reads a catalogue and its signature, which lies beside it with `.sig` after its name.
 *
 * @param from - the path of a file, or an address with https; on this machine, http too
 * @throws AppError `catalogue-unreachable`
 */
export async function fetchCatalogue(from: string, fetch: HubFetch, signal: AbortSignal): Promise<FetchedCatalogue> {
  const read = async (name: string, limitBytes: number): Promise<Uint8Array> =>
    /^https?:\/\//i.test(name)
      ? readBody(await openPublished(name, fetch, unreachable, signal), name, limitBytes)
      : readFileOf(resolvePath(name), limitBytes)
  const bytes = await read(from, MOST_CATALOGUE_BYTES)
  return { bytes, signature: Buffer.from(await read(besides(from), MOST_SIGNATURE_BYTES)).toString('latin1') }
}

function besides(from: string): string {
  if (!/^https?:\/\//i.test(from)) return `${from}.sig`
  const url = publishedUrl(from, unreachable)
  url.pathname += '.sig'
  return url.href
}

async function readBody(body: AsyncIterable<Uint8Array> | null | undefined, name: string, limitBytes: number): Promise<Uint8Array> {
  const bytes = await readWithin(body, limitBytes)
  if (!bytes) throw unreachable(name, `it has more than ${limitBytes} bytes`)
  return bytes
}

async function readFileOf(path: string, limitBytes: number): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreachable(path, errorMessage(cause), cause)
  })
  try {
    if (!(await file.stat()).isFile()) throw unreachable(path, 'it is not a file')
    return await readBody(file.createReadStream({ end: limitBytes, autoClose: false }), path, limitBytes)
  } finally {
    await file.close()
  }
}

function unreachable(name: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'catalogue-unreachable',
    `The catalogue cannot be read from ${name}: ${why}. Give the address or the file of catalogue.json: exo models update --from ADDRESS`,
    { from: name },
    cause,
  )
}
