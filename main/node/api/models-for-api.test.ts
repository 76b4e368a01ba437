import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DerivedModels } from '../../models/store/derived-models.ts'
import { setModelAlias } from '../../models/store/model-aliases.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { createModelsForApi } from './models-for-api.ts'

const sizes = {
  family: 'llama',
  layers: 1,
  hiddenSize: 1,
  attentionHeads: 1,
  kvHeads: 1,
  headDim: 1,
  vocabSize: 1,
  weightBytes: 1,
  contextTokens: 1,
}
const here = ModelCard.parse({ modelId: 'org/here', aliases: ['here'], ...sizes })
const far = ModelCard.parse({ modelId: 'org/far', ...sizes })

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-models-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

it('the catalogue has what the user has made of models and the names that they have given', async () => {
  const derived = new DerivedModels(dataDir)
  const store = { list: async () => ({ models: [{ card: here, modelId: here.modelId, modelDir: join(dataDir, 'none'), isOurs: false }] }) }
  const models = createModelsForApi({
    cards: [here, far],
    derived,
    state: () => ({ instances: {} }),
    isDownloading: () => false,
    store,
    dataDir,
  } as never)
  await derived.set('pirate', {
    from: 'org/here',
    system: 'Arr.',
    template: null,
    parameters: {},
    messages: [],
    license: '',
    modifiedEpochMs: 1,
  })
  await setModelAlias(dataDir, 'gpt-4o', 'org/here')
  await setModelAlias(dataDir, 'big', 'org/far')
  expect(await models.catalogue()).toMatchObject([
    { modelId: 'org/here', aliases: ['here', 'gpt-4o'], isHere: true, isOurs: false },
    { modelId: 'org/far', aliases: ['big'], isHere: false },
    { modelId: expect.stringMatching(/^pirate/), isHere: true, isOurs: true, derived: { from: 'org/here' } },
  ])
})

it('A2: of a model that only other members know, the names are their own and the origin of the card is told', async () => {
  const told = (modelId: string, aliases: string[]) => ({
    card: { ...far, modelId, aliases },
    status: 'ready',
    placement: { contextTokens: 1 },
  })
  const instances = { x: told('org/told', ['theirs', 'gpt-4o', 'default']), y: told('gpt-4o', []), z: { ...told('org/here', ['other']) } }
  const store = { list: async () => ({ models: [{ card: here, modelId: here.modelId, modelDir: join(dataDir, 'none'), isOurs: false }] }) }
  const models = createModelsForApi({
    cards: [here],
    derived: new DerivedModels(dataDir),
    state: () => ({ instances }),
    isDownloading: () => false,
    store,
    dataDir,
  } as never)
  const listed = (await models.list()).map(({ modelId, aliases, origin }) => ({ modelId, aliases, origin }))
  expect(listed).toEqual([
    { modelId: 'org/here', aliases: ['here'], origin: undefined },
    { modelId: 'org/told', aliases: ['theirs'], origin: 'cluster' },
  ])
})

it('a loaded folder outside the store is on this machine, so nothing of it is to be pulled', async () => {
  await writeFile(join(dataDir, 'config.json'), '{}')
  const loaded = (modelId: string) => ({ card: { ...far, modelId }, status: 'ready', placement: { contextTokens: 1 } })
  const models = createModelsForApi({
    cards: [],
    derived: new DerivedModels(dataDir),
    state: () => ({ instances: { x: loaded(dataDir), y: loaded(join(dataDir, 'elsewhere')) } }),
    isDownloading: () => false,
    store: { list: async () => ({ models: [] }) },
    dataDir,
  } as never)
  const listed = (await models.catalogue()).map(({ modelId, isHere, isOurs }) => ({ modelId, isHere, isOurs }))
  expect(listed).toEqual([
    { modelId: dataDir, isHere: true, isOurs: false },
    { modelId: join(dataDir, 'elsewhere'), isHere: false, isOurs: false },
  ])
})
