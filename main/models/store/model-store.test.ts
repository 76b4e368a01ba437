import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readModelCards } from '../catalogue/read-model-cards.ts'
import { defaultModelGguf } from '../__fixtures__/default-model-file.ts'
import { writeTinyLlama } from '../gguf/__fixtures__/write-gguf-file.ts'
import { DEFAULT_MODEL_ID, importDefaultModel } from './import-default-model.ts'
import { createModelStore, type ModelStore } from './model-store.ts'

const cardsDir = fileURLToPath(new URL('../../../assets/model-cards', import.meta.url))
const knownFamilies = ['llama', 'qwen2', 'qwen3']
let home = ''
let tinyGguf = ''
let modelsDir = ''
let store: ModelStore

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'exo-store-'))
  tinyGguf = join(home, 'Tiny Llama.gguf')
  await writeTinyLlama(tinyGguf)
})
afterAll(() => rm(home, { recursive: true, force: true }))
beforeEach(async () => {
  modelsDir = await mkdtemp(join(home, 'models-'))
  store = createModelStore({ modelsDir, cards: await readModelCards(cardsDir), knownFamilies })
})

let looseCount = 0

/** A model folder outside the store, modified by the test. */
async function looseFolder(change: (modelDir: string) => Promise<unknown> = async () => undefined): Promise<string> {
  const { modelDir } = await store.import({ ggufPath: tinyGguf, modelId: `test/loose-${++looseCount}` })
  const folder = await mkdtemp(join(home, 'loose-'))
  await cp(modelDir, folder, { recursive: true })
  await change(folder)
  return folder
}

const editConfig = (change: Record<string, unknown>) => async (modelDir: string) => {
  const config = JSON.parse(await readFile(join(modelDir, 'config.json'), 'utf8')) as object
  await writeFile(join(modelDir, 'config.json'), JSON.stringify({ ...config, ...change }))
}

/** Splits the weights into two files with an index. */
async function splitWeights(modelDir: string): Promise<void> {
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
  const whole = join(modelDir, 'model.safetensors')
  for (const name of names) await cp(whole, join(modelDir, name))
  await rm(whole)
  await writeFile(
    join(modelDir, 'model.safetensors.index.json'),
    JSON.stringify({ weight_map: { 'model.norm.weight': names[0], 'model.embed_tokens.weight': names[1] } }),
  )
}

describe('the model store', () => {
  it('imports, lists, finds and removes a model', async () => {
    expect(await store.list()).toEqual({ models: [], damaged: [] })
    const imported = await store.import({ ggufPath: tinyGguf })
    expect(imported.modelId).toBe('local/Tiny-Llama')
    expect(imported.card).toEqual({
      modelId: 'local/Tiny-Llama',
      aliases: [],
      family: 'llama',
      layers: 1,
      hiddenSize: 4,
      attentionHeads: 1,
      kvHeads: 1,
      headDim: 4,
      intermediateSize: 8,
      tiedEmbeddings: true,
      vocabSize: 5,
      weightBytes: (await readFile(join(imported.modelDir, 'model.safetensors'))).length,
      quantization: null,
      contextTokens: 64,
      minDevices: 1,
      strategies: ['pipeline', 'tensor'],
    })
    expect((await store.list()).models).toEqual([imported])
    for (const name of ['local/Tiny-Llama', 'LOCAL/tiny-llama', 'tiny-llama']) expect(await store.resolve(name)).toEqual(imported)
    await expect(store.import({ ggufPath: tinyGguf })).rejects.toMatchObject({ code: 'model-exists' })
    await store.remove('tiny-llama')
    expect(await store.list()).toEqual({ models: [], damaged: [] })
    expect(await readdir(join(modelsDir, 'local'))).toEqual([])
  })

  it('imports the default model once and finds it by its aliases', async () => {
    const model = await importDefaultModel(store, defaultModelGguf())
    expect(await importDefaultModel(store, '/not/needed/again')).toEqual(model)
    const cards = await readModelCards(cardsDir)
    expect(model.card).toEqual(cards.find((card) => card.modelId === DEFAULT_MODEL_ID))
    for (const name of ['default', 'smollm2', 'SmolLM2-135M', DEFAULT_MODEL_ID])
      expect((await store.resolve(name)).modelDir).toBe(model.modelDir)
  })

  it('brings a damaged default model back, and says where the file should be', async () => {
    const { modelDir } = await importDefaultModel(store, defaultModelGguf())
    await truncate(join(modelDir, 'model.safetensors'), 1_000_000)
    await importDefaultModel(store, defaultModelGguf())
    await rm(modelDir, { recursive: true })
    await expect(importDefaultModel(store, '/nowhere/default.gguf')).rejects.toMatchObject({ code: 'default-model-missing' })
  })

  it('takes two imports of the default model at once', async () => {
    const [first, second] = await Promise.all([
      importDefaultModel(store, defaultModelGguf()),
      importDefaultModel(store, defaultModelGguf()),
    ])
    expect(first).toEqual(second)
    expect(await readdir(join(modelsDir, 'exo'))).toEqual(['SmolLM2-135M-Instruct-Q4'])
  })

  it('takes a folder, whose path is its id', async () => {
    const folder = await looseFolder()
    expect(await store.resolve(folder)).toMatchObject({ modelId: folder, modelDir: folder, card: { modelId: folder } })
    expect((await store.resolve(`${folder}/`)).modelId).toBe(folder)
  })

  it('takes no relative path for a name', async () => {
    const { modelDir } = await store.import({ ggufPath: tinyGguf })
    const names = [
      '',
      '.',
      '..',
      './',
      './x',
      'a/..',
      '../..',
      '~',
      '~/x',
      'main',
      'file:///',
      relative('.', modelDir),
      '.\\x',
      'C:\\x',
      '\0',
    ]
    for (const name of names) await expect(store.resolve(name), name).rejects.toMatchObject({ code: 'model-not-found' })
  })

  it('takes weights in several files', async () => {
    const whole = await looseFolder()
    const split = await mkdtemp(join(home, 'split-'))
    await cp(whole, split, { recursive: true })
    await splitWeights(split)
    const bytes = (await store.resolve(whole)).card.weightBytes
    expect((await store.resolve(split)).card.weightBytes).toBe(2 * bytes)
  })

  it('notices when the files of a model change', async () => {
    const folder = await looseFolder()
    await store.resolve(folder)
    await truncate(join(folder, 'model.safetensors'), 100)
    await expect(store.resolve(folder)).rejects.toMatchObject({ code: 'model-damaged' })
  })

  it('says that a folder is here when another model is not, but only to the user who named it', async () => {
    const folder = await looseFolder()
    await store.remove(`test/loose-${looseCount}`)
    await store.resolve(folder)
    await expect(store.resolve('gpt-9')).rejects.toMatchObject({
      message: expect.stringContaining(`it has: ${folder}`),
      details: { available: [folder] },
    })
    await expect(store.resolveListed('gpt-9')).rejects.toMatchObject({ details: { available: [] } })
    await rm(folder, { recursive: true })
    await expect(store.resolve('gpt-9')).rejects.toMatchObject({ message: expect.stringContaining('no models yet') })
  })

  it('says what is here when a model is not', async () => {
    await store.import({ ggufPath: tinyGguf })
    await expect(store.resolve('gpt-9')).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringContaining('local/Tiny-Llama'),
      details: { available: ['local/Tiny-Llama'] },
    })
    await expect(store.resolve('smollm2')).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringContaining(DEFAULT_MODEL_ID),
    })
    await expect(store.remove('gpt-9')).rejects.toMatchObject({ code: 'model-not-found' })
    for (const name of ['', '..', '../..', 'a/b/c'])
      await expect(store.resolve(name)).rejects.toMatchObject({ code: expect.stringMatching(/^model-/) })
    for (const modelId of ['../escape', 'a/../b', 'noslash', 'a/b/c', '/abs/path', '.hidden/x'])
      await expect(store.import({ ggufPath: tinyGguf, modelId })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  const config = (change: Record<string, unknown>) => editConfig(change)
  it.each<[string, string, (modelDir: string) => Promise<unknown>]>([
    ['that is missing', 'model-not-found', (dir) => rm(dir, { recursive: true })],
    ['without config.json', 'model-damaged', (dir) => rm(join(dir, 'config.json'))],
    ['whose config.json is broken', 'model-damaged', (dir) => writeFile(join(dir, 'config.json'), '{"model_type":')],
    ['whose config.json is a list', 'model-damaged', (dir) => writeFile(join(dir, 'config.json'), '[]')],
    ['without model_type', 'model-damaged', config({ model_type: null })],
    ['without layers', 'model-damaged', config({ num_hidden_layers: undefined })],
    ['with heads that do not divide', 'model-damaged', config({ head_dim: null, num_attention_heads: 3 })],
    ['of a type that is not known', 'model-unsupported', config({ model_type: 'mamba' })],
    ['without weights', 'model-damaged', (dir) => rm(join(dir, 'model.safetensors'))],
    ['with empty weights', 'model-damaged', (dir) => truncate(join(dir, 'model.safetensors'), 0)],
    ['with weights cut off in the header', 'model-damaged', (dir) => truncate(join(dir, 'model.safetensors'), 50)],
    [
      'with weights cut off at the end',
      'model-damaged',
      async (dir) => truncate(join(dir, 'model.safetensors'), (await readFile(join(dir, 'model.safetensors'))).length - 1),
    ],
    ['with an error page for weights', 'model-damaged', (dir) => writeFile(join(dir, 'model.safetensors'), '<html>not found</html>')],
    [
      'that lacks one of two weight files',
      'model-damaged',
      async (dir) => {
        await splitWeights(dir)
        await rm(join(dir, 'model-00002-of-00002.safetensors'))
      },
    ],
    [
      'whose index names a tensor that is nowhere',
      'model-damaged',
      (dir) => writeFile(join(dir, 'model.safetensors.index.json'), '{"weight_map":{"x":"model.safetensors"}}'),
    ],
    [
      'whose index leads out of the folder',
      'model-damaged',
      (dir) => writeFile(join(dir, 'model.safetensors.index.json'), '{"weight_map":{"x":"../model.safetensors"}}'),
    ],
  ])('refuses a folder %s', async (_, code, change) => {
    await expect(store.resolve(await looseFolder(change))).rejects.toMatchObject({ code })
  })

  it('C01 takes a folder whose index is left over from another upload', async () => {
    const stale = (file: string) => async (dir: string) => {
      await splitWeights(dir)
      await writeFile(
        join(dir, 'model.safetensors.index.json'),
        JSON.stringify({ weight_map: { 'model.embed_tokens.weight': file, 'vision_tower.weight': 'model-00005-of-00005.safetensors' } }),
      )
    }
    const whole = await store.resolve(await looseFolder(splitWeights))
    for (const file of ['model-00001-of-00005.safetensors', 'model-00001-of-00002.safetensors', 'model.safetensors'])
      expect((await store.resolve(await looseFolder(stale(file)))).card).toMatchObject({
        weightBytes: whole.card.weightBytes,
        tiedEmbeddings: whole.card.tiedEmbeddings,
      })
    // Tensors may have moved from one file to the other.
    const moved = await looseFolder(async (dir) => {
      await splitWeights(dir)
      await writeFile(
        join(dir, 'model.safetensors.index.json'),
        JSON.stringify({
          weight_map: {
            'model.norm.weight': 'model-00002-of-00002.safetensors',
            'model.embed_tokens.weight': 'model-00001-of-00002.safetensors',
          },
        }),
      )
    })
    expect((await store.resolve(moved)).card.weightBytes).toBe(whole.card.weightBytes)
  })

  it('C03 takes a config.json as Python writes it, with nulls and numbers beyond all counts', async () => {
    const folder = await looseFolder(async (dir) => {
      await editConfig({ head_dim: null, text_config: null, quantization: null, moe_intermediate_size: null })(dir)
      const text = await readFile(join(dir, 'config.json'), 'utf8')
      await writeFile(
        join(dir, 'config.json'),
        text
          .replace('{', '{"time_step_limit": [0.0, Infinity], "x": NaN, ')
          .replace(/"max_position_embeddings":\s*\d+/, '"max_position_embeddings": Infinity'),
      )
    })
    expect((await store.resolve(folder)).card.contextTokens).toBe(2 ** 24)
    expect((await store.resolve(await looseFolder(editConfig({ max_position_embeddings: 1e30 })))).card.contextTokens).toBe(2 ** 24)
  })

  it('lists the known types when it refuses one, and shows damaged models in the list', async () => {
    await mkdir(join(modelsDir, 'some', 'mamba'), { recursive: true })
    await writeFile(join(modelsDir, 'some', 'mamba', 'config.json'), '{"model_type":"mamba"}')
    await expect(store.resolve('some/mamba')).rejects.toMatchObject({ message: expect.stringContaining('llama, qwen2, qwen3') })
    expect(await store.list()).toMatchObject({ models: [], damaged: [{ modelId: 'some/mamba', code: 'model-unsupported' }] })
  })
})
