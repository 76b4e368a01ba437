import { readdir, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve as resolvePath, sep } from 'node:path'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { KnownFamily } from '../../shared/models/described-family.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import type { FloatDtype } from '../gguf/blocks/convert-blocks.ts'
import { compactHeap } from '../compact-heap.ts'
import { cachedModelIds, findSnapshot, hubRepo, snapshotCommit } from '../files/hub-cache.ts'
import { importGguf } from '../gguf/import-gguf.ts'
import { quantizeModel } from '../quantize/quantize-model.ts'
import type { QuantizationWish } from '../quantize/plan-quantization.ts'
import { catalogueFactsOf } from '../catalogue/model-card-of-config.ts'
import { modelFolderFingerprint, readModelFolder, type ModelFolder } from './read-model-folder.ts'
import { removeFolder } from './remove-folder.ts'

export interface ModelStoreOptions {
  /** Contains `<organization>/<name>/` folders; created with the first model. */
  readonly modelsDir: string
  /** The hub's cache, shared with other programs. Its complete models count as present. Absent: no cache. */
  readonly hubCacheDir?: string
  /** Aliases and placement facts of models, which may or may not be on this machine. */
  readonly cards: readonly ModelCard[]
  /** The families that the engine can run. */
  readonly knownFamilies: readonly KnownFamily[]
}

/** A folder in the store that cannot be loaded, and why. */
export interface DamagedModel {
  readonly modelId: ModelId
  readonly modelDir: string
  readonly code: string
  readonly message: string
}

export interface ImportModelOptions {
  readonly ggufPath: string
  /** Default: `local/` and the file's name. */
  readonly modelId?: string | undefined
  readonly dtype?: FloatDtype | undefined
  readonly isExact?: boolean | undefined
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface QuantizeStoredOptions extends QuantizationWish {
  /** The model to quantize. */
  readonly name: string
  /** Default: `local/`, the model's name and the bits. */
  readonly modelId?: string | undefined
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** The models on this machine. */
export interface ModelStore {
  list(): Promise<{ readonly models: readonly ModelFolder[]; readonly damaged: readonly DamagedModel[] }>
  /**
   * Finds a model by id, alias, or the absolute path of a folder, which is the folder's id. A relative path is no name.
   *
   * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
   */
  resolve(name: string): Promise<ModelFolder>
  /** Like `resolve`, but never accepts a folder: for names that come from other machines. */
  resolveListed(name: string): Promise<ModelFolder>
  /** @throws AppError `model-exists` | `invalid-request` | those of `importGguf` */
  import(options: ImportModelOptions): Promise<ModelFolder>
  /** @throws AppError those of `resolve`, `import` and `quantizeModel` */
  quantize(options: QuantizeStoredOptions): Promise<ModelFolder>
  /**
   * The folder with everything of a model: in the store, or in the hub's cache with all its revisions.
   *
   * @throws AppError `model-not-found`
   */
  placeOf(name: string): Promise<{ readonly modelId: ModelId; readonly place: string }>
  /**
   * Deletes a model of the store, or one that this program downloaded. Folders elsewhere do not belong to the store and
   * are not deleted.
   *
   * @throws AppError `model-not-found` | `model-not-ours`
   */
  remove(name: string): Promise<{ readonly modelId: ModelId; readonly modelDir: string }>
}

const ID_PATTERN = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/

export function createModelStore(options: ModelStoreOptions): ModelStore {
  const { modelsDir, hubCacheDir, cards, knownFamilies } = options
  const verified = new Map<string, { fingerprint: string; model: ModelFolder }>()
  /** Models in the cache that cannot run here. Most of them belong to other programs. */
  const unusable = new Map<string, string>()
  const dirOf = (modelId: string): string => join(modelsDir, ...modelId.split('/'))

  const read = async (modelId: ModelId, modelDir: string): Promise<ModelFolder> => {
    const fingerprint = await modelFolderFingerprint(modelDir)
    const known = verified.get(modelDir)
    if (known?.fingerprint === fingerprint && known.model.modelId === modelId) return known.model
    const card = cards.find((candidate) => candidate.modelId === modelId)
    const facts = card && catalogueFactsOf(card)
    const read = await readModelFolder(modelId, modelDir, knownFamilies, facts)
    const commit = hubCacheDir === undefined ? null : snapshotCommit(hubCacheDir, modelDir)
    const model = {
      ...read,
      ...(commit === null ? {} : { card: { ...read.card, hubCommit: commit } }),
      isOurs:
        modelDir.startsWith(modelsDir + sep) || (commit !== null && hubCacheDir !== undefined && (await isOwnRepo(hubCacheDir, modelId))),
    }
    verified.set(modelDir, { fingerprint, model })
    return model
  }

  const cachedIds = async (): Promise<ModelId[]> => (hubCacheDir === undefined ? [] : cachedModelIds(hubCacheDir))
  const snapshotOf = async (modelId: ModelId): Promise<string | null> =>
    hubCacheDir === undefined ? null : findSnapshot(hubCacheDir, modelId)

  /** Ids of the folders in the store, complete or not. */
  const storedIds = async (): Promise<ModelId[]> => {
    const ids: string[] = []
    for (const organization of await subfolders(modelsDir))
      for (const name of await subfolders(join(modelsDir, organization))) ids.push(`${organization}/${name}`)
    return ids.filter((id) => ID_PATTERN.test(id)).sort() as ModelId[]
  }

  /** The id that a name refers to: exactly, by alias, or by the part after the slash if that is unambiguous. */
  const matchName = (name: string, ids: readonly ModelId[]): ModelId | null => {
    const lower = name.toLowerCase()
    const exact = ids.find((id) => id === name) ?? ids.find((id) => id.toLowerCase() === lower)
    if (exact) return exact
    const aliased = cards
      .filter((card) => card.aliases.some((alias) => alias.toLowerCase() === lower))
      .find((card) => ids.includes(card.modelId))
    if (aliased) return aliased.modelId
    const byName = ids.filter((id) => id.toLowerCase().endsWith(`/${lower}`))
    return byName.length === 1 ? byName[0]! : null
  }

  const findStored = async (name: string): Promise<{ modelId: ModelId; modelDir: string; isCached: boolean } | null> => {
    const stored = matchName(name, await storedIds())
    if (stored) return { modelId: stored, modelDir: dirOf(stored), isCached: false }
    const cached = matchName(name, await cachedIds())
    const modelDir = cached && (await snapshotOf(cached))
    return modelDir ? { modelId: cached, modelDir, isCached: true } : null
  }

  const listCached = async (besides: readonly ModelId[]): Promise<ModelFolder[]> => {
    const models: ModelFolder[] = []
    for (const modelId of await cachedIds()) {
      const modelDir = besides.includes(modelId) ? null : await snapshotOf(modelId)
      if (modelDir === null) continue
      const fingerprint = await modelFolderFingerprint(modelDir)
      if (unusable.get(modelDir) === fingerprint) continue
      const model = await read(modelId, modelDir).catch(() => null)
      if (model) models.push(model)
      else unusable.set(modelDir, fingerprint)
    }
    return models
  }

  const list = async (): ReturnType<ModelStore['list']> => {
    const models: ModelFolder[] = []
    const damaged: DamagedModel[] = []
    for (const modelId of await storedIds()) {
      const modelDir = dirOf(modelId)
      try {
        models.push(await read(modelId, modelDir))
      } catch (error) {
        damaged.push({ modelId, modelDir, code: errorCode(error), message: errorMessage(error) })
      }
    }
    models.push(...(await listCached([...models, ...damaged].map(({ modelId }) => modelId))))
    return { models, damaged }
  }

  /** Folders outside the store that the user has named, as long as they exist. */
  const namedFolders = async (): Promise<ModelId[]> => {
    const named = [...verified.values()].filter(({ model }) => model.modelId === model.modelDir)
    const existing = await Promise.all(
      named.map(async ({ model }) => ((await stat(model.modelDir).catch(() => null)) ? [model.modelId] : [])),
    )
    return existing.flat()
  }

  /** @param folders - of models outside the store, which only this machine's user may know */
  const notFound = async (name: string, folders: readonly ModelId[] = []): Promise<AppError> => {
    const ids = [...new Set([...(await storedIds()), ...(await listCached([])).map(({ modelId }) => modelId), ...folders])].sort()
    const there = ids.length === 0 ? 'it has no models yet' : `it has: ${ids.join(', ')}`
    const card = cards.find(
      (candidate) => candidate.modelId === name || candidate.aliases.some((alias) => alias.toLowerCase() === name.toLowerCase()),
    )
    const what = card && card.modelId !== name ? `${name} (${card.modelId})` : name
    return new AppError('model-not-found', `The model ${what} is not on this machine; ${there}.`, { model: name, available: ids })
  }

  const readStored = async (name: string): Promise<ModelFolder | null> => {
    const stored = await findStored(name)
    return stored && read(stored.modelId, stored.modelDir)
  }

  const resolve = async (name: string): Promise<ModelFolder> => {
    const stored = await readStored(name)
    if (stored) return stored
    // A relative path would depend on the folder in which the node was started.
    if (isAbsolute(name)) return read(resolvePath(name) as ModelId, resolvePath(name))
    throw await notFound(name, await namedFolders())
  }

  /** The folder of a new model. @throws AppError `invalid-request` | `model-exists` */
  const freeDirOf = async (id: string): Promise<string> => {
    if (!ID_PATTERN.test(id))
      throw new AppError('invalid-request', `"${id}" is not a valid model id. Use one such as local/my-model.`, { modelId: id })
    const targetDir = dirOf(id)
    if (await stat(targetDir).catch(() => null))
      throw new AppError('model-exists', `The model ${id} already exists. Remove it first (exo models rm ${id}) or choose another id.`, {
        modelId: id,
      })
    return targetDir
  }

  return {
    list,
    resolveListed: async (name) => {
      const stored = await readStored(name)
      if (stored) return stored
      throw await notFound(name)
    },
    resolve,
    import: async ({ ggufPath, modelId, dtype, isExact, onProgress, signal }) => {
      const id =
        modelId ??
        `local/${basename(ggufPath)
          .replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '')
          .replace(/[^\w.-]+/g, '-')
          .replace(/^[^A-Za-z0-9]+/, '')}`
      const targetDir = await freeDirOf(id)
      try {
        await importGguf({
          ggufPath,
          targetDir,
          ...(dtype && { dtype }),
          ...(isExact && { isExact }),
          ...(onProgress && { onProgress }),
          ...(signal && { signal }),
        })
      } finally {
        compactHeap()
      }
      return read(id as ModelId, targetDir)
    },
    quantize: async ({ name, modelId, bits, groupSize, isMixed, onProgress, signal }) => {
      const source = await resolve(name)
      const id = modelId ?? `local/${basename(source.modelId)}-${isMixed ? 'mixed-' : ''}${bits}bit`
      const targetDir = await freeDirOf(id)
      await quantizeModel({
        ...{ modelId: source.modelId, sourceDir: source.modelDir, targetDir, layers: source.card.layers, bits, groupSize, isMixed },
        ...(onProgress && { onProgress }),
        ...(signal && { signal }),
      })
      return read(id as ModelId, targetDir)
    },
    placeOf: async (name) => {
      const found = await findStored(name)
      if (!found) throw await notFound(name)
      const isInCache = found.isCached && hubCacheDir !== undefined
      return { modelId: found.modelId, place: isInCache ? hubRepo(hubCacheDir, found.modelId).repoDir : found.modelDir }
    },
    remove: async (name) => {
      const found = await findStored(name)
      if (!found) throw await notFound(name)
      const { modelId } = found
      const modelDir = found.isCached && hubCacheDir !== undefined ? await ownRepoDir(hubCacheDir, modelId) : found.modelDir
      await removeFolder(modelDir)
      verified.delete(found.modelDir)
      return { modelId, modelDir }
    },
  }
}

async function isOwnRepo(hubCacheDir: string, modelId: ModelId): Promise<boolean> {
  return stat(hubRepo(hubCacheDir, modelId).ownMark).then(
    () => true,
    () => false,
  )
}

/** The folder of a downloaded model. @throws AppError `model-not-ours` for one that another program downloaded */
async function ownRepoDir(hubCacheDir: string, modelId: ModelId): Promise<string> {
  const { repoDir } = hubRepo(hubCacheDir, modelId)
  if (await isOwnRepo(hubCacheDir, modelId)) return repoDir
  throw new AppError(
    'model-not-ours',
    `${modelId} was downloaded to ${repoDir} by another program, which may still need it. To delete it ` +
      `anyway: hf cache rm model/${modelId}`,
    { modelId, repoDir },
  )
}

/** Names of the subfolders of a folder, which may not exist. Hidden ones are work in progress and left out. */
async function subfolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new AppError(
      'model-store-unreadable',
      `The model folder ${path.split(sep).join('/')} cannot be read: ${error.message}`,
      { path },
      error,
    )
  })
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map((entry) => entry.name)
}
