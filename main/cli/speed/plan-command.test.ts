import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { modelCardOfConfig } from '../../models/catalogue/model-card-of-config.ts'
import { writeAcceptedCatalogue } from '../../models/catalogue/accepted-catalogue.ts'
import { ModelId } from '../../shared/ids.ts'
import { DescribedFamily } from '../../shared/models/described-family.ts'
import { runCommandLine } from '../__fixtures__/run-command-line.ts'

it('exo plan knows the models of the catalogue that exo models update has fetched', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'exo-plan-'))
  const family = DescribedFamily.parse({ modelType: 'newcomer', like: 'llama', keys: { n_layer: 'num_hidden_layers' } })
  const config = { model_type: 'newcomer', n_layer: 4, hidden_size: 64, num_attention_heads: 4, vocab_size: 100, intermediate_size: 96 }
  const card = { ...modelCardOfConfig(ModelId.parse('test/newcomer'), config, 4e9, [family]), aliases: ['new-one'] }
  await writeAcceptedCatalogue(dataDir, { serial: 1, families: [family], cards: [card] })
  await writeFile(join(dataDir, 'desk.json'), JSON.stringify({ machines: { studio: { chip: 'M3 Ultra', memoryGigabytes: 96 } } }))
  const plan = (model: string) => runCommandLine('plan', '--model', model, '--have', join(dataDir, 'desk.json'), '--data-dir', dataDir)
  expect(await plan('test/newcomer')).toMatchObject({ status: 0, err: '' })
  expect(await plan('new-one')).toMatchObject({ status: 0, err: '' })
  await rm(dataDir, { recursive: true })
})
