import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/app-error.ts'
import { GenerationSpec } from '../../shared/inference/generation.ts'
import type { ModelId } from '../../shared/ids.ts'
import { InstanceId, NodeId } from '../../shared/ids.ts'
import { ModelCard } from '../../shared/models/model-card.ts'
import type { Worker } from '../../worker/supervisor/worker.ts'
import { createGenerateHere } from './generate-here.ts'

const card = (modelId: string): ModelCard =>
  ModelCard.parse({
    modelId,
    family: 'llama',
    layers: 2,
    hiddenSize: 8,
    attentionHeads: 2,
    kvHeads: 1,
    headDim: 4,
    vocabSize: 100,
    weightBytes: 1000,
    contextTokens: 2048,
  })
const signal = new AbortController().signal
const instanceId = InstanceId.parse('instance-1')

let fetched: string[]
let placed: Record<string, ModelCard | 'as a draft'>
let stored: string[]

async function generate(draft: string, asked: 'here' | 'elsewhere'): Promise<unknown> {
  const fromHub = async (modelId: ModelId): Promise<ModelCard> => card(modelId)
  const run = createGenerateHere({
    nodeId: NodeId.parse('a'),
    ready: () => ({
      epoch: 1,
      worker: {
        async *generate(spec: GenerationSpec) {
          yield spec
        },
      } as unknown as Worker,
    }),
    vocabulary: () => Promise.reject(new AppError('grammar-unsupported', 'There is none.')),
    card: fromHub,
    cardForOthers: fromHub,
    placed: (modelId) => placed[modelId] ?? null,
    draftRoom: { take: () => undefined },
    local: {
      forShard: async (shard) => {
        fetched.push(shard.card.modelId)
        return `/models/${shard.card.modelId}`
      },
      listedCard: (name) =>
        stored.includes(name) ? Promise.resolve(card(name)) : Promise.reject(new AppError('model-not-found', 'It is not here.')),
    },
  })
  const generation = GenerationSpec.parse({
    generationId: 'g',
    promptTokenIds: [1],
    maxTokens: 1,
    stopTokenIds: [],
    sampling: { seed: '1' },
    draft: { modelId: draft, modelDir: '/etc' },
  })
  for await (const part of run(instanceId, 1, generation, asked, signal)) return (part as unknown as GenerationSpec).draft?.modelDir
  return null
}

describe('createGenerateHere', () => {
  beforeEach(() => {
    fetched = []
    placed = {}
    stored = []
  })

  it.each(['secret-org/private', '/home/ada/models/own', 'local/x'])(
    'A4: brings no draft %s because another node names it',
    async (draft) => {
      await expect(generate(draft, 'elsewhere')).rejects.toMatchObject({ code: 'draft-unsupported' })
      expect(fetched).toEqual([])
    },
  )

  it('takes a draft of another node that is here, or that the cluster was asked to load', async () => {
    stored = ['org/here']
    placed = { 'org/placed': card('org/placed'), 'org/draft': 'as a draft' }
    for (const draft of ['org/here', 'org/placed', 'org/draft']) expect(await generate(draft, 'elsewhere')).toBe(`/models/${draft}`)
    expect(fetched).toEqual(['org/here', 'org/placed', 'org/draft'])
  })

  it('brings what its own user names', async () => {
    expect(await generate('org/any', 'here')).toBe('/models/org/any')
  })
})
