import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { ModelId } from '../../shared/ids.ts'
import { writeTinyLlama } from '../gguf/__fixtures__/write-gguf-file.ts'
import { hubRepo } from '../files/hub-cache.ts'
import { partsDir } from '../parts/list-parts.ts'
import { PartFolder } from '../files/part-folder.ts'
import { createModelStore, type ModelStore } from './model-store.ts'
import { removeModel } from './remove-model.ts'

const inUseNever = async (): Promise<void> => undefined

describe('removeModel', () => {
  let folder = ''
  let store: ModelStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exo-remove-'))
    store = createModelStore({ modelsDir: join(folder, 'models'), hubCacheDir: join(folder, 'cache'), cards: [], knownFamilies: ['llama'] })
  })
  afterEach(() => rm(folder, { recursive: true }))

  const places = () => ({ store, dataDir: folder, hubCacheDir: join(folder, 'cache') })
  const importTiny = async (modelId: string): Promise<void> => {
    const ggufPath = join(folder, 'tiny.gguf')
    await writeTinyLlama(ggufPath)
    await store.import({ ggufPath, modelId })
  }
  const bringPart = async (name: string, modelId: string, commit: string): Promise<void> => {
    await PartFolder.create(
      join(partsDir(folder), name),
      { modelId: ModelId.parse(modelId), commit: commit.repeat(40), files: [{ path: 'config.json', sizeBytes: 9, etag: 'b'.repeat(40) }] },
      { isFromHub: true },
    )
  }
  const beginDownload = async (modelId: string): Promise<void> => {
    const repo = hubRepo(join(folder, 'cache'), modelId)
    await mkdir(repo.blobsDir, { recursive: true })
    await writeFile(repo.ownMark, '')
    await writeFile(repo.partial('a'.repeat(64)), 'half')
  }
  const left = async () => ({
    models: (await store.list()).models.map(({ modelId }) => modelId),
    parts: await readdir(partsDir(folder)),
    cache: await readdir(join(folder, 'cache')).catch(() => []),
  })

  it('deletes a complete model and its parts, of any commit, by a short name, and keeps other models', async () => {
    await importTiny('org/tiny')
    await importTiny('org/other')
    await bringPart('one', 'org/tiny', 'c')
    await bringPart('two', 'org/tiny', 'd')
    await bringPart('three', 'org/other', 'c')
    expect(await removeModel(places(), 'tiny', inUseNever)).toBe('org/tiny')
    expect(await left()).toEqual({ models: ['org/other'], parts: ['three'], cache: [] })
  })

  it('deletes a model that is here only in part', async () => {
    await bringPart('one', 'org/big', 'c')
    await beginDownload('org/big')
    expect(await removeModel(places(), 'org/big', inUseNever)).toBe('org/big')
    expect(await left()).toEqual({ models: [], parts: [], cache: [] })
  })

  it('deletes nothing of a model that is in use', async () => {
    await importTiny('org/tiny')
    await bringPart('one', 'org/tiny', 'c')
    await expect(
      removeModel(places(), 'tiny', async (modelId) => {
        throw new AppError('model-in-use', modelId)
      }),
    ).rejects.toMatchObject({ code: 'model-in-use', message: 'org/tiny' })
    expect(await left()).toEqual({ models: ['org/tiny'], parts: ['one'], cache: [] })
  })

  it('says that an unknown one is not here', async () => {
    await expect(removeModel(places(), 'org/none', inUseNever)).rejects.toMatchObject({ code: 'model-not-found' })
  })
})
