import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve as resolvePath, sep } from 'node:path'
import { AppError, errorCode, errorMessage } from '../../shared/app-error.ts'
import type { ModelId } from '../../shared/ids.ts'
import type { ModelCard } from '../../shared/model-card.ts'
import type { FloatDtype } from '../gguf/convert-blocks.ts'
import { compactHeap } from '../compact-heap.ts'
import { importGguf } from '../gguf/import-gguf.ts'
import { modelFolderFingerprint, readModelFolder, type StoredModel } from './read-model-folder.ts'

export interface ModelStoreOptions {
  /** Holds `<organization>/<name>/` folders; made when the first model comes. */
  readonly modelsDir: string
  /** Aliases and placement facts of models that may or may not be here. */
  readonly cards: readonly ModelCard[]
  /** The values of `model_type` that the engine can run. */
  readonly knownFamilies: readonly string[]
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
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** The models on this machine. */
export interface ModelStore {
  list(): Promise<{ readonly models: readonly StoredModel[]; readonly damaged: readonly DamagedModel[] }>
  /**
   * Finds a model by id, alias, or folder; a folder's absolute path is its id.
   *
   * @throws AppError `model-not-found` | `model-damaged` | `model-unsupported`
   */
  resolve(name: string): Promise<StoredModel>
  /** @throws AppError `model-exists` | `invalid-request` | those of `importGguf` */
  import(options: ImportModelOptions): Promise<StoredModel>
  /**
   * Deletes a model of the store. A folder elsewhere is not the store's to delete.
   *
   * @throws AppError `model-not-found`
   */
  remove(name: string): Promise<{ readonly modelId: ModelId; readonly modelDir: string }>
}

const ID_PATTERN = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/

export function createModelStore(options: ModelStoreOptions): ModelStore {
  const { modelsDir, cards, knownFamilies } = options
  const verified = new Map<string, { fingerprint: string; model: StoredModel }>()
  const dirOf = (modelId: string): string => join(modelsDir, ...modelId.split('/'))

  const read = async (modelId: ModelId, modelDir: string): Promise<StoredModel> => {
    const fingerprint = await modelFolderFingerprint(modelDir)
    const known = verified.get(modelDir)
    if (known?.fingerprint === fingerprint && known.model.modelId === modelId) return known.model
    const card = cards.find((candidate) => candidate.modelId === modelId)
    const model = await readModelFolder(modelId, modelDir, knownFamilies, card && { aliases: card.aliases, minDevices: card.minDevices, strategies: card.strategies })
    verified.set(modelDir, { fingerprint, model })
    return model
  }

  /** Ids of the folders in the store, whole or not. */
  const storedIds = async (): Promise<ModelId[]> => {
    const ids: string[] = []
    for (const organization of await subfolders(modelsDir))
      for (const name of await subfolders(join(modelsDir, organization))) ids.push(`${organization}/${name}`)
    return ids.filter((id) => ID_PATTERN.test(id)).sort() as ModelId[]
  }

  /** The stored id that a name means: exactly, by alias, or by its part after the slash where that is unambiguous. */
  const findStored = async (name: string): Promise<ModelId | null> => {
    const ids = await storedIds()
    const lower = name.toLowerCase()
    const exact = ids.find((id) => id === name) ?? ids.find((id) => id.toLowerCase() === lower)
    if (exact) return exact
    const aliased = cards.filter((card) => card.aliases.some((alias) => alias.toLowerCase() === lower)).find((card) => ids.includes(card.modelId))
    if (aliased) return aliased.modelId
    const byName = ids.filter((id) => id.toLowerCase().endsWith(`/${lower}`))
    return byName.length === 1 ? byName[0]! : null
  }

  const list = async (): ReturnType<ModelStore['list']> => {
    const models: StoredModel[] = []
    const damaged: DamagedModel[] = []
    for (const modelId of await storedIds()) {
      const modelDir = dirOf(modelId)
      try {
        models.push(await read(modelId, modelDir))
      } catch (error) {
        damaged.push({ modelId, modelDir, code: errorCode(error), message: errorMessage(error) })
      }
    }
    return { models, damaged }
  }

  const notFound = async (name: string): Promise<AppError> => {
    const ids = await storedIds()
    const there = ids.length === 0 ? 'no model is here yet' : `these are here: ${ids.join(', ')}`
    const card = cards.find((candidate) => candidate.modelId === name || candidate.aliases.some((alias) => alias.toLowerCase() === name.toLowerCase()))
    const what = card && card.modelId !== name ? `${name} (${card.modelId})` : name
    return new AppError('model-not-found', `The model ${what} is not on this machine; ${there}.`, { model: name, available: ids })
  }

  return {
    list,
    resolve: async (name) => {
      const stored = await findStored(name)
      if (stored) return read(stored, dirOf(stored))
      const looksLikePath = /^\.{0,2}[/\\]|^\.{1,2}$|^[A-Za-z]:[/\\]/.test(name)
      const path = resolvePath(name)
      const isFolder = name !== '' && (await stat(path).then((found) => found.isDirectory()).catch(() => false))
      if (looksLikePath || isFolder) return read(path as ModelId, path)
      throw await notFound(name)
    },
    import: async ({ ggufPath, modelId, dtype, onProgress, signal }) => {
      const id = modelId ?? `local/${basename(ggufPath).replace(/\.gguf$/i, '').replace(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')}`
      if (!ID_PATTERN.test(id)) throw new AppError('invalid-request', `"${id}" is no model id: give one such as local/my-model.`, { modelId: id })
      const targetDir = dirOf(id)
      if (await stat(targetDir).catch(() => null)) throw new AppError('model-exists', `The model ${id} is here already: remove it first (exo models rm ${id}) or choose another id.`, { modelId: id })
      try {
        await importGguf({ ggufPath, targetDir, ...(dtype && { dtype }), ...(onProgress && { onProgress }), ...(signal && { signal }) })
      } finally {
        compactHeap()
      }
      return read(id as ModelId, targetDir)
    },
    remove: async (name) => {
      const modelId = await findStored(name)
      if (!modelId) throw await notFound(name)
      const modelDir = dirOf(modelId)
      // Renamed first: half a model is never seen.
      const doomedDir = await mkdtemp(join(dirname(modelDir), '.removed-'))
      await rename(modelDir, join(doomedDir, basename(modelDir)))
      await rm(doomedDir, { recursive: true, force: true })
      verified.delete(modelDir)
      return { modelId, modelDir }
    },
  }
}

/** Names of the folders in a folder that is perhaps not there; hidden ones are work in progress. */
async function subfolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new AppError('model-store-unreadable', `The model folder ${path.split(sep).join('/')} cannot be read: ${error.message}`, { path }, error)
  })
  return entries.filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink())).map((entry) => entry.name)
}
