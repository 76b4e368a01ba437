import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ModelId } from '../../shared/ids.ts'
import { writeTinyLlama } from '../gguf/__fixtures__/write-gguf-file.ts'
import { createModelStore, type ModelStore } from './model-store.ts'
import { moveModel } from './move-model.ts'

const never = new AbortController().signal
const modelId = ModelId.parse('local/tiny')
/** A second disk, where this machine has one. */
const OTHER_DISK = '/dev/shm'

let home = ''
let other = ''
let place = ''
let store: ModelStore

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'exo-mv-'))
  other = await mkdtemp(join(existsSync(OTHER_DISK) ? OTHER_DISK : tmpdir(), 'exo-mv-'))
  await writeTinyLlama(join(home, 'tiny.gguf'))
  const modelsDir = join(home, 'models')
  store = createModelStore({ modelsDir, cards: [], knownFamilies: ['llama'] })
  place = (await store.import({ ggufPath: join(home, 'tiny.gguf'), modelId })).modelDir
})
afterEach(async () => {
  for (const folder of [home, other]) await rm(folder, { recursive: true, force: true })
})

const move = (targetDir: string | null, signal = never) => moveModel({ modelId, place, targetDir, onProgress: () => undefined, signal })
const isLink = async (): Promise<boolean> => (await lstat(place)).isSymbolicLink()

describe.each([
  ['on the same disk', () => join(home, 'elsewhere')],
  ['on another disk', () => join(other, 'elsewhere')],
])('a model that is moved %s', (_where, targetOf) => {
  it('is still known, goes back to its place, and is deleted where it lies', async () => {
    const before = (await readdir(place)).toSorted()
    const moved = await move(targetOf())
    expect(moved).toMatchObject({ from: place, to: join(targetOf(), 'local--tiny') })
    expect(await isLink()).toBe(true)
    expect((await store.list()).models).toMatchObject([{ modelId, modelDir: place, isOurs: true }])
    await expect(move(targetOf())).rejects.toMatchObject({ code: 'invalid-request' })

    await move(null)
    expect(await isLink()).toBe(false)
    expect((await readdir(place)).toSorted()).toEqual(before)
    expect(await readdir(targetOf())).toEqual([])
    await expect(move(null)).rejects.toMatchObject({ code: 'invalid-request' })

    await move(targetOf())
    await store.remove(modelId)
    expect(existsSync(place)).toBe(false)
    expect(await readdir(targetOf())).toEqual([])
    expect((await store.list()).models).toEqual([])
  })

  it('can be moved on', async () => {
    await move(targetOf())
    await move(join(home, 'third'))
    expect(await readdir(targetOf())).toEqual([])
    expect((await store.list()).models).toHaveLength(1)
    expect((await readdir(join(place, '..'))).toSorted()).toEqual(['tiny'])
  })
})

it('stays where it is if the target is taken, or cannot be made', async () => {
  await mkdir(join(home, 'full', 'local--tiny'), { recursive: true })
  await expect(move(join(home, 'full'))).rejects.toMatchObject({ code: 'model-exists' })
  await writeFile(join(home, 'a-file'), '')
  await expect(move(join(home, 'a-file'))).rejects.toMatchObject({ code: 'model-not-moved' })
  await expect(move(place)).rejects.toMatchObject({ code: 'invalid-request' })
  expect((await store.list()).models).toHaveLength(1)
})

it('a model of the hub moves with its blobs and its revisions', async () => {
  const cacheDir = join(home, 'hub')
  const commit = 'a'.repeat(40)
  const repo = join(cacheDir, 'models--org--tiny')
  const snapshot = join(repo, 'snapshots', commit)
  await mkdir(join(repo, 'blobs'), { recursive: true })
  await mkdir(snapshot, { recursive: true })
  for (const name of await readdir(place)) {
    await writeFile(join(repo, 'blobs', name), await readFile(join(place, name)))
    await symlink(join('..', '..', 'blobs', name), join(snapshot, name))
  }
  const hubStore = createModelStore({ modelsDir: join(home, 'none'), hubCacheDir: cacheDir, cards: [], knownFamilies: ['llama'] })
  const { modelId: id, place: repoDir } = await hubStore.placeOf('org/tiny')
  expect(repoDir).toBe(repo)
  await moveModel({ modelId: id, place: repoDir, targetDir: other, onProgress: () => undefined, signal: never })
  expect((await readdir(other)).toSorted()).toEqual(['org--tiny'])
  expect((await lstat(repo)).isSymbolicLink()).toBe(true)
  const found = await hubStore.resolve('tiny')
  expect(found).toMatchObject({ modelId: 'org/tiny', modelDir: snapshot })
  expect((await readFile(join(found.modelDir, 'config.json'))).length).toBeGreaterThan(10)
})

it.skipIf(!existsSync(OTHER_DISK))('an interrupted copy leaves the model where it was, and nothing at the target', async () => {
  const stop = new AbortController()
  const interrupted = moveModel({
    modelId,
    place,
    targetDir: other,
    onProgress: () => stop.abort(new Error('Interrupted.')),
    signal: stop.signal,
  })
  await expect(interrupted).rejects.toThrow('Interrupted.')
  expect(await isLink()).toBe(false)
  expect(await readdir(other)).toEqual([])
  expect((await store.list()).models).toHaveLength(1)
})

it("a folder behind the user's own link is not deleted", async () => {
  const theirs = join(home, 'theirs')
  await mkdir(theirs)
  await writeFile(join(theirs, 'config.json'), await readFile(join(place, 'config.json')))
  await rm(place, { recursive: true })
  await symlink(theirs, place)
  await store.remove(modelId)
  expect(existsSync(place)).toBe(false)
  expect((await stat(join(theirs, 'config.json'))).isFile()).toBe(true)
})
