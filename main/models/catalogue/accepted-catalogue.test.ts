import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DescribedFamily } from '../../shared/models/described-family.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import { readAcceptedCatalogue, withAcceptedCards, writeAcceptedCatalogue } from './accepted-catalogue.ts'
import { modelCardOfConfig } from './model-card-of-config.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'exo-catalogue-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const family = DescribedFamily.parse({ modelType: 'newcomer', like: 'llama', keys: { n_layer: 'num_hidden_layers' } })
const config = { model_type: 'newcomer', n_layer: 3, hidden_size: 64, num_attention_heads: 4, vocab_size: 100, intermediate_size: 96 }
const card = (modelId: string, aliases: string[] = []): ModelCard =>
  ModelCard.parse({ ...modelCardOfConfig(modelId as ModelCard['modelId'], config, 10, [family]), aliases })

it('keeps what was accepted, less what is built in by now', async () => {
  expect(await readAcceptedCatalogue(dataDir)).toEqual({ serial: 0, families: [], cards: [] })
  const built = DescribedFamily.parse({ modelType: 'stablelm', like: 'llama' })
  await writeAcceptedCatalogue(dataDir, { serial: 4, families: [family, built], cards: [card('test/one')] })
  expect(await readAcceptedCatalogue(dataDir)).toEqual({ serial: 4, families: [family], cards: [card('test/one')] })
})

it('is empty after damage, so that a node starts', async () => {
  await writeFile(join(dataDir, 'catalogue.json'), '{"serial": 3, "families": [{"modelType": "../x"}]}')
  expect(await readAcceptedCatalogue(dataDir)).toEqual({ serial: 0, families: [], cards: [] })
})

it('gives the card of a described family its own name and the sizes of its own keys', () => {
  expect(card('test/one')).toMatchObject({ family: 'newcomer', layers: 3, headDim: 16 })
  expect(() => modelCardOfConfig('test/two' as ModelCard['modelId'], config, 10, ['llama'])).toThrow('"newcomer", which is not supported')
})

it('lets no card take the id or an alias of a built-in one', () => {
  const builtIn = [card('test/one', ['first'])]
  const accepted = [card('Test/One', ['other']), card('test/first', []), card('test/two', ['First', 'second'])]
  expect(withAcceptedCards(builtIn, accepted).map(({ modelId, aliases }) => [modelId, aliases])).toEqual([
    ['test/one', ['first']],
    ['test/first', []],
    ['test/two', ['second']],
  ])
})
