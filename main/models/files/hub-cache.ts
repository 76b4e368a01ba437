import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { readRegularText } from '../../platform/files/regular-file.ts'
import { insideRoot } from '../../platform/files/inside-root.ts'
import { placeLink } from '../../platform/files/place-link.ts'
import { AppError } from '../../shared/app-error.ts'
import { MAIN_REVISION } from '../../shared/models/download.ts'
import type { ModelId } from '../../shared/ids.ts'
import { weightFilesOf, withOtherShards } from '../../shared/models/weight-files.ts'
import { isHubId } from './hub-file.ts'
import { HubCommit, type HubFile } from '../../shared/wire/peer/model-file-request.ts'
import { INDEX_FILE, neededFiles } from './needed-files.ts'

/** The list of a commit's files that another client saved. */
const TreeListing = z.object({ format_version: z.literal(1), files: z.record(z.string(), z.unknown()) })
const Index = z.object({ weight_map: z.record(z.string(), z.string()) })

/**
 * The paths of a model's parts in the cache, in the layout of huggingface_hub.
 *
 * @throws AppError `model-not-found` for a name that is not a valid model id of the hub: it might lead out of the cache
 */
export function hubRepo(cacheDir: string, modelId: string) {
  if (!isHubId(modelId))
    throw new AppError('model-not-found', `${modelId} is not a Hugging Face model name. Use organization/name.`, { modelId })
  const name = `models--${modelId.replace('/', '--')}`
  const repoDir = join(cacheDir, name)
  return {
    repoDir,
    blobsDir: join(repoDir, 'blobs'),
    snapshotsDir: join(repoDir, 'snapshots'),
    locksDir: join(cacheDir, '.locks', name),
    /** Present if this program created the folder. */
    ownMark: join(repoDir, '.exo-distributed'),
    /** Names the commits that only another node has asked for. */
    placedDir: join(repoDir, '.exo-placed'),
    blob: (etag: string) => insideRoot(join(repoDir, 'blobs'), etag),
    partial: (etag: string) => insideRoot(join(repoDir, 'blobs'), `${etag}.incomplete`),
    snapshot: (commit: string) => insideRoot(join(repoDir, 'snapshots'), commit),
    ref: (revision: string) => insideRoot(join(repoDir, 'refs'), revision),
  }
}

/** The commit of a snapshot in the cache; null for any other folder. */
export function snapshotCommit(cacheDir: string, modelDir: string): string | null {
  const [repo = '', kind, commit, ...rest] = relative(cacheDir, modelDir).split(sep)
  return repo.startsWith('models--') && kind === 'snapshots' && rest.length === 0 && HubCommit.safeParse(commit).success
    ? (commit ?? null)
    : null
}

/** The models that have a folder in the cache, complete or not. */
export async function cachedModelIds(cacheDir: string): Promise<ModelId[]> {
  const names = await readdir(cacheDir).catch(() => [])
  const ids = names.flatMap((name) => /^models--(.+?)--(.+)$/.exec(name)?.slice(1, 3).join('/') ?? [])
  return ids.filter(isHubId).sort() as ModelId[]
}

/**
 * The folder in the cache with all the files needed to load a model: of the given revision, or else the newest that did not come
 * with another node's placement.
 *
 * @returns null if there is no complete one
 */
export async function findSnapshot(cacheDir: string, modelId: string, revision = MAIN_REVISION): Promise<string | null> {
  if (!isHubId(modelId)) return null
  const repo = hubRepo(cacheDir, modelId)
  const isPinned = HubCommit.safeParse(revision).success
  const named = isPinned ? revision : (await readRegularText(repo.ref(revision)).catch(() => '')).trim()
  const placed = new Set(await readdir(repo.placedDir).catch(() => []))
  const others = revision === MAIN_REVISION ? (await byAge(repo.snapshotsDir)).filter((commit) => !placed.has(commit)) : []
  for (const commit of new Set([named, ...others]))
    if (HubCommit.safeParse(commit).success && (await isWhole(repo.repoDir, commit))) return repo.snapshot(commit)
  return null
}

/**
 * Turns the files of a snapshot into links to their blobs, like other clients of the cache. On a disk without links the
 * blobs themselves are moved there, as huggingface_hub does. config.json comes last, so that a visible snapshot is
 * always complete.
 */
export async function linkBlobs(
  repo: ReturnType<typeof hubRepo>,
  commit: string,
  files: readonly Pick<HubFile, 'path' | 'etag' | 'sizeBytes'>[],
): Promise<void> {
  const ordered = [...files].sort((a, b) => Number(a.path === 'config.json') - Number(b.path === 'config.json'))
  for (const [index, { path, etag, sizeBytes }] of ordered.entries()) {
    const pointer = insideRoot(repo.snapshot(commit), ...path.split('/'))
    await mkdir(dirname(pointer), { recursive: true })
    if (await isMoved(repo, commit, { path, etag, sizeBytes })) continue
    await placeLink(repo.blob(etag), pointer, { isKept: ordered.slice(index + 1).some((later) => later.etag === etag) })
  }
}

/** Whether the snapshot holds the file itself and not a link to a blob: on a disk without links. */
export async function isMoved(
  repo: ReturnType<typeof hubRepo>,
  commit: string,
  { path, etag, sizeBytes }: Pick<HubFile, 'path' | 'etag' | 'sizeBytes'>,
): Promise<boolean> {
  if (await stat(repo.blob(etag)).catch(() => null)) return false
  const facts = await lstat(insideRoot(repo.snapshot(commit), ...path.split('/'))).catch(() => null)
  return facts !== null && facts.isFile() && facts.size === sizeBytes
}

async function writeRef(repo: ReturnType<typeof hubRepo>, revision: string, commit: string): Promise<void> {
  const path = repo.ref(revision)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.${process.pid}`, commit)
  await rename(`${path}.${process.pid}`, path)
}

/**
 * How a commit became known: as this node's hub's answer for a revision (a branch, a tag, or the commit's own id), or from
 * another node, with a model that it placed.
 */
export type CommitOrigin = { readonly revision: string } | 'placed'

/**
 * Records the branch or tag of a commit, if there is one. Called once the commit's files are there. A placed commit becomes
 * `main` only if the cache has no `main` and the hub says the same: anybody can propose commits to a model at the hub.
 *
 * @param mainAtHub - the commit that is `main` at the hub; null: the hub does not answer
 */
export async function writeRefOf(
  repo: ReturnType<typeof hubRepo>,
  commit: string,
  origin: CommitOrigin,
  mainAtHub: () => Promise<string | null>,
): Promise<void> {
  const mark = insideRoot(repo.placedDir, commit)
  if (origin !== 'placed') {
    await rm(mark, { force: true })
    if (!HubCommit.safeParse(origin.revision).success) await writeRef(repo, origin.revision, commit)
    return
  }
  const main = (await readRegularText(repo.ref(MAIN_REVISION)).catch(() => '')).trim()
  if (main === commit) return
  if (main === '' && (await mainAtHub()) === commit) return writeRef(repo, MAIN_REVISION, commit)
  await mkdir(repo.placedDir, { recursive: true })
  await writeFile(mark, '')
}

async function byAge(snapshotsDir: string): Promise<string[]> {
  const commits = await readdir(snapshotsDir).catch(() => [])
  const dated = await Promise.all(
    commits.map(async (commit) => ({ commit, atMs: (await stat(join(snapshotsDir, commit)).catch(() => null))?.mtimeMs ?? 0 })),
  )
  return dated.sort((a, b) => b.atMs - a.atMs).map(({ commit }) => commit)
}

async function isWhole(repoDir: string, commit: string): Promise<boolean> {
  const snapshotDir = join(repoDir, 'snapshots', commit)
  const isThere = (path: string): Promise<boolean> =>
    stat(join(snapshotDir, path)).then(
      (facts) => facts.isFile(),
      () => false,
    )
  if (!(await isThere('config.json'))) return false
  const index = Index.safeParse(await readJson(join(snapshotDir, INDEX_FILE)))
  const indexed = index.success ? new Set(Object.values(index.data.weight_map)) : null
  const listing = TreeListing.safeParse(await readJson(join(repoDir, 'trees', `${commit}.json`)))
  const present = (await readdir(snapshotDir)).map((path) => ({ path }))
  const listed = listing.success ? Object.keys(listing.data.files).map((path) => ({ path })) : present
  const weights = weightFilesOf(
    listed.map(({ path }) => path),
    indexed,
  )
  // Without a list of the files, only their names show how many shards there are.
  const needed = [...neededFiles(listed, indexed).map(({ path }) => path), ...(listing.success ? weights : withOtherShards(weights))]
  if (!needed.some((path) => path.endsWith('.safetensors'))) return false
  return (await Promise.all(needed.map(isThere))).every(Boolean)
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readRegularText(path))
  } catch {
    return null // missing, or still being written
  }
}
