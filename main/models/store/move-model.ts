import { cp, lstat, mkdir, readdir, realpath, rename, rm, stat, statfs, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { AppError, errorMessage } from '../../shared/app-error.ts'
import { formatBytes } from '../../shared/formats/byte-size.ts'
import type { ModelId } from '../../shared/ids.ts'
import { MOVED_MARK } from './remove-folder.ts'

export interface ModelMove {
  readonly modelId: ModelId
  /** The place of the model's folder in the store or in the hub's cache, where a link stays. */
  readonly place: string
  /** The folder that is to hold the model's folder; null: move it back to its place. */
  readonly targetDir: string | null
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

export interface MovedModel {
  readonly from: string
  readonly to: string
  readonly bytes: number
}

/**
 * Moves the folder of a model, such as to another disk, and leaves a link at its place, so that every program still finds it there. Until
 * all files have arrived, nothing is deleted.
 *
 * @throws AppError `invalid-request` | `model-exists` | `disk-full` | `model-not-moved`, and the reason of `signal`
 */
export async function moveModel({ modelId, place, targetDir, onProgress, signal }: ModelMove): Promise<MovedModel> {
  const from = await realpath(place)
  const isLink = (await lstat(place)).isSymbolicLink()
  const to = targetDir === null ? place : join(await prepared(targetDir), nameOf(modelId))
  if (to === from || (targetDir === null && !isLink))
    throw new AppError('invalid-request', `${modelId} already lies in ${dirname(from)}.`, { modelId })
  if (to.startsWith(from + sep)) throw new AppError('invalid-request', `${to} lies in the folder of the model itself. Choose another one.`)
  if (targetDir !== null && (await lstat(to).catch(() => null)))
    throw new AppError('model-exists', `${to} already exists. Delete it, or choose another folder.`, { path: to })
  const files = await filesOf(from)
  const bytes = files.reduce((total, file) => total + file.bytes, 0)
  const isSameDisk = (await stat(from)).dev === (await stat(dirname(to))).dev
  const incoming = join(dirname(to), `.incoming-${basename(to)}`)
  try {
    if (!isSameDisk) await copyFiles({ from, incoming, files, totalBytes: bytes, onProgress, signal })
    const arrived = isSameDisk ? from : incoming
    if (targetDir === null) await moveBack(arrived, place)
    else await moveOut(arrived, to, place)
    if (!isSameDisk) await rm(isLink ? from : trashOf(place), { recursive: true, force: true })
  } catch (error) {
    if (!isSameDisk) await rm(incoming, { recursive: true, force: true })
    signal.throwIfAborted()
    if (error instanceof AppError) throw error
    throw new AppError('model-not-moved', `${modelId} could not be moved to ${to}: ${errorMessage(error)}`, { from, to }, error)
  }
  onProgress(bytes, bytes)
  return { from, to, bytes }
}

/** The folder takes the place of the link to it. */
async function moveBack(arrived: string, place: string): Promise<void> {
  await rm(join(arrived, MOVED_MARK), { force: true })
  await rm(place)
  await rename(arrived, place)
}

/** The link is made before the folder moves, so that it only remains to be put in place. */
async function moveOut(arrived: string, to: string, place: string): Promise<void> {
  const link = `${place}.${process.pid}.link`
  await writeFile(join(arrived, MOVED_MARK), '')
  await rm(link, { force: true })
  await symlink(to, link, 'dir')
  await rename(arrived, to)
  const before = await lstat(place).catch(() => null)
  if (before?.isDirectory()) await rename(place, trashOf(place))
  await rename(link, place)
}

function trashOf(place: string): string {
  return join(dirname(place), `.moved-${basename(place)}`)
}

/** Organization and name, as one folder. */
function nameOf(modelId: ModelId): string {
  return modelId.replace('/', '--')
}

async function prepared(targetDir: string): Promise<string> {
  const path = resolve(targetDir)
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw new AppError('model-not-moved', `The folder ${path} cannot be made: ${errorMessage(error)}`, { path }, error)
  })
  return realpath(path)
}

interface FoundFile {
  readonly path: string
  readonly bytes: number
}

async function filesOf(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path, bytes: (await stat(path)).size }
    }),
  )
}

interface Copying {
  readonly from: string
  readonly incoming: string
  readonly files: readonly FoundFile[]
  readonly totalBytes: number
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
  readonly signal: AbortSignal
}

/** Copies to another disk, and compares the sizes of what has arrived. */
async function copyFiles({ from, incoming, files, totalBytes, onProgress, signal }: Copying): Promise<void> {
  await rm(incoming, { recursive: true, force: true })
  const { bavail, bsize } = await statfs(dirname(incoming))
  if (bavail * bsize < totalBytes)
    throw new AppError(
      'disk-full',
      `${dirname(incoming)} has ${formatBytes(bavail * bsize)} free, and the model takes ${formatBytes(totalBytes)}.`,
    )
  let doneBytes = 0
  await cp(from, incoming, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: async (source) => {
      signal.throwIfAborted()
      const file = files.find(({ path }) => path === source)
      if (file) onProgress((doneBytes += file.bytes), totalBytes)
      return true
    },
  })
  const arrived = await filesOf(incoming)
  const arrivedBytes = arrived.reduce((total, { bytes }) => total + bytes, 0)
  if (arrived.length !== files.length || arrivedBytes !== totalBytes)
    throw new AppError('model-not-moved', `Only ${formatBytes(arrivedBytes)} of ${formatBytes(totalBytes)} arrived in ${incoming}.`)
}
