import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { MODEL_FAMILIES } from '../../shared/models/model-families.ts'
import { readModelFacts } from './__fixtures__/cards-of-facts.ts'
import { expectedWeightBytes } from './__fixtures__/expected-weight-bytes.ts'
import { readModelCard, readModelCards } from './read-model-cards.ts'

const cardsDir = fileURLToPath(new URL('../../../assets/model-cards', import.meta.url))

describe('the catalogue', () => {
  it('holds the models that the product promises, by their short names', async () => {
    const cards = await readModelCards(cardsDir)
    const byAlias = new Map(cards.flatMap((card) => card.aliases.map((alias) => [alias, card])))
    const promised = [
      'llama-3.3-70b',
      'deepseek-r1',
      'qwen-2.5-72b',
      'mixtral-8x22b',
      'llama-3.1-405b',
      'kimi-k2',
      'gpt-oss-120b',
      'glm-4.6',
      'default',
    ].map((alias) => {
      const card = byAlias.get(alias)
      return [alias, card?.layers, card?.hiddenSize, card?.minDevices, card?.strategies[0]]
    })
    expect(promised).toEqual([
      ['llama-3.3-70b', 80, 8192, 2, 'pipeline'],
      ['deepseek-r1', 61, 7168, 8, 'tensor'],
      ['qwen-2.5-72b', 80, 8192, 2, 'pipeline'],
      ['mixtral-8x22b', 56, 6144, 4, 'tensor'],
      ['llama-3.1-405b', 126, 16384, 8, 'tensor'],
      ['kimi-k2', 61, 7168, 8, 'tensor'],
      ['gpt-oss-120b', 36, 2880, 2, 'pipeline'],
      ['glm-4.6', 92, 5120, 8, 'pipeline'],
      ['default', 30, 576, 1, 'pipeline'],
    ])
  })

  it('gives no two models the same name', async () => {
    const cards = await readModelCards(cardsDir)
    const names = cards.flatMap((card) => [card.modelId, ...card.aliases]).map((name) => name.toLowerCase())
    expect(names.length).toBe(new Set(names).size)
  })

  it("states the bytes that the model's layers, widths and bits come to", async () => {
    // The cards that are written from facts have a test of their own.
    const written = new Set(readModelFacts().flatMap(({ builds }) => builds.map(({ modelId }) => modelId)))
    const cards = (await readModelCards(cardsDir))
      .filter(({ modelId }) => modelId.startsWith('mlx-community/') && !written.has(modelId))
      // Encoders have other layers.
      .filter(({ isEncoder }) => !isEncoder)
    expect(cards.length).toBeGreaterThan(100)
    const wrong = cards
      .map((card) => ({ modelId: card.modelId, stated: card.weightBytes, ratio: card.weightBytes / expectedWeightBytes(card) }))
      .filter(({ ratio }) => !(Math.abs(ratio - 1) <= 0.01))
    expect(wrong).toEqual([])
  })

  it('has every family in its 4-bit and its 8-bit form, with heads that its keys and values divide', async () => {
    const cards = (await readModelCards(cardsDir)).filter(({ modelId }) => modelId.startsWith('mlx-community/'))
    for (const { modelId, attentionHeads, kvHeads } of cards) expect(attentionHeads % kvHeads, modelId).toBe(0)
    const forms = new Set(cards.map(({ family, modelId }) => `${family} ${/(\d)(bit)?$/.exec(modelId)?.[1]}`))
    const families = [
      'llama',
      'mistral',
      'qwen2',
      'qwen3',
      'qwen3_moe',
      'mixtral',
      'deepseek_v3',
      'gpt_oss',
      'glm4_moe',
      'gemma3_text',
      'phi3',
    ]
    expect(families.flatMap((family) => [`${family} 4`, `${family} 8`]).filter((form) => !forms.has(form))).toEqual([])
  })

  it('holds only models that the engine runs, those with latent attention by what their tokens keep', async () => {
    const cards = await readModelCards(cardsDir)
    expect(cards.filter(({ family }) => !MODEL_FAMILIES.includes(family)).map(({ modelId }) => modelId)).toEqual([])
    const latent: Readonly<Record<string, number>> = {
      deepseek_v3: 576,
      kimi_k2: 576,
      kimi_k25: 576,
      glm4_moe_lite: 576,
      // With the keys of the sparse index.
      deepseek_v32: 704,
      deepseek_v4: 512,
      glm_moe_dsa: 704,
    }
    for (const { modelId, family, kvLatentDim } of cards) expect(kvLatentDim, modelId).toBe(latent[family])
  })

  it('names the file and the field of a card that is not valid', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exo-cards-'))
    const path = join(folder, 'bad.json')
    await writeFile(path, '{"modelId":"a/b","layers":0}')
    await expect(readModelCards(folder)).rejects.toMatchObject({ code: 'model-card-invalid', details: { path } })
    await expect(readModelCard(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'model-card-invalid' })
    await rm(folder, { recursive: true })
  })
})
