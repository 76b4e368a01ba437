import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { toDiskError } from '../../platform/files/to-disk-error.ts'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { createScratchFolder } from './scratch-folders.ts'

const MOST_ARCHIVE_BYTES = 2 * 2 ** 30
const UNPACK_LIMIT_MS = 10 * 60_000
const FIRST_START_LIMIT_MS = 60_000
const run = promisify(execFile)

export interface NewVersion {
  readonly version: string
  readonly body: AsyncIterable<Uint8Array>
  /** In base64. */
  readonly sha512: string
}

/**
 * Puts a version beside the one in use and makes `current` name it. The version before stays for programs that still run.
 *
 * @param versionsDir - as in `Installation`
 * @param onBytes - the number of bytes received so far
 * @throws AppError `update-damaged`; what is installed is then as before
 */
export async function installVersion(
  versionsDir: string,
  { version, body, sha512 }: NewVersion,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const scratch = await createScratchFolder(versionsDir)
  try {
    const archive = join(scratch, 'archive.tar.gz')
    await receive(archive, body, sha512, onBytes, signal)
    const unpacked = await unpack(archive, scratch, version, signal)
    const folder = join(versionsDir, `exo-${version}`)
    const before = await readlink(join(versionsDir, 'current')).catch(() => null)
    await rm(folder, { recursive: true, force: true })
    await rename(unpacked, folder)
    await symlink(`exo-${version}`, join(scratch, 'current'))
    await rename(join(scratch, 'current'), join(versionsDir, 'current'))
    for (const name of await readdir(versionsDir))
      if (/^exo-\d/.test(name) && name !== `exo-${version}` && name !== before)
        await rm(join(versionsDir, name), { recursive: true, force: true })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function receive(
  file: string,
  body: AsyncIterable<Uint8Array>,
  sha512: string,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha512')
  let count = 0
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        count += chunk.length
        if (count > MOST_ARCHIVE_BYTES) throw damaged('the archive has more than 2 GiB')
        hash.update(chunk)
        onBytes(count)
        yield chunk
      }
    } catch (cause) {
      signal.throwIfAborted()
      throw cause instanceof AppError ? cause : damaged(`the download broke off: ${errorMessage(cause)}`, cause)
    }
  }
  await pipeline(Readable.from(measured()), createWriteStream(file, { mode: 0o600 }), { signal }).catch((cause: unknown) => {
    throw toDiskError(cause, file)
  })
  if (hash.digest('base64') !== sha512) throw damaged('the archive does not match its signed checksum')
}

/** @returns the folder of the version, which has started once */
async function unpack(archive: string, scratch: string, version: string, signal: AbortSignal): Promise<string> {
  const folder = join(scratch, `exo-${version}`)
  await run('tar', ['-xzf', archive, '-C', scratch, `exo-${version}`], { signal, timeout: UNPACK_LIMIT_MS }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw damaged(`it cannot be unpacked: ${errorMessage(cause)}`, cause)
  })
  const { stdout } = await run(join(folder, 'bin', 'exo'), ['--version'], { signal, timeout: FIRST_START_LIMIT_MS }).catch(
    (cause: unknown) => {
      signal.throwIfAborted()
      throw damaged(`it does not start here: ${errorMessage(cause)}`, cause)
    },
  )
  if (stdout.trim() !== version) throw damaged(`it says that it is version ${stdout.trim().slice(0, 40)}`)
  return folder
}

function damaged(why: string, cause?: unknown): AppError {
  return new AppError('update-damaged', `The new version was not installed: ${why}. Run exo update again.`, {}, cause)
}
