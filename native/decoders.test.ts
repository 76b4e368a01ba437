import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GenerationEvent } from '../main/shared/inference/generation.ts'
import { ShardSpec } from '../main/shared/shard.ts'
import { binding, runGeneration } from './__fixtures__/run-generation.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import type { EngineSettings } from './binding.ts'
import { openShard } from './index.ts'
import type { Activation, FeedForwardPlan, Scoring } from './plan/decoder-plan.ts'

const EXPERTS = 8

type Change = (plan: FeedForwardPlan) => FeedForwardPlan

/** The addon, with feed-forwards that differ from the model's config. */
const bindingWith = (change: Change) => ({
  ...binding,
  ShardHandle: class extends binding.ShardHandle {
    constructor(settings: EngineSettings, onEvents: ConstructorParameters<typeof binding.ShardHandle>[1]) {
      if (!settings.decoder) throw new Error('The model has no decoder.')
      const layers = settings.decoder.layers.map((layer) => ({ ...layer, feedForward: change(layer.feedForward) }))
      super({ ...settings, decoder: { ...settings.decoder, layers } }, onEvents)
    }
  },
})

async function run(model: TinyModel, change: Change, useArrays: boolean): Promise<GenerationEvent[]> {
  const spec = ShardSpec.parse({
    modelDir: model.dir,
    strategy: 'pipeline',
    backend: 'local',
    rank: 0,
    worldSize: 1,
    layers: { start: 0, end: model.layers },
    contextTokens: 128,
    dequantize: false,
    threads: 2,
  })
  const shard = await openShard(bindingWith(change), spec, undefined, { useArrays })
  const promptTokenIds = Array.from({ length: 40 }, (_, index) => (index * 31 + 5) % model.vocabSize)
  try {
    return (await runGeneration(shard, { promptTokenIds, maxTokens: 8, topLogprobs: 1 })).events
  } finally {
    await shard.close()
  }
}

const tokensOf = (events: readonly GenerationEvent[]) => events.flatMap((event) => (event.type === 'token-delta' ? [event.token] : []))

async function expectAlike(model: TinyModel, change: Change): Promise<void> {
  const [own, arrays] = [tokensOf(await run(model, change, false)), tokensOf(await run(model, change, true))]
  expect(own).toHaveLength(8)
  expect(arrays.map(({ tokenId }) => tokenId)).toEqual(own.map(({ tokenId }) => tokenId))
  for (const [index, { logprob }] of arrays.entries()) expect(logprob).toBeCloseTo(own[index]?.logprob ?? Number.NaN, 3)
}

describe("the CPU decoder and the one of MLX's operations give the same tokens", () => {
  let dense: TinyModel
  let sparse: TinyModel

  beforeAll(() => {
    dense = makeTinyModel()
    sparse = makeTinyModel({
      config: { model_type: 'qwen3_moe', num_experts: EXPERTS, num_experts_per_tok: 2, moe_intermediate_size: 32 },
      tensors: (tensors) =>
        tensors.flatMap(({ name, shape }) => {
          const [, prefix, projection] = /^(.*\.mlp\.)(gate|up|down)_proj\.weight$/.exec(name) ?? []
          if (name.endsWith('q_proj.weight'))
            return [{ name, shape }, ...['q_norm', 'k_norm'].map((norm) => ({ name: name.replace('q_proj', norm), shape: [16] }))]
          if (prefix === undefined) return [{ name, shape }]
          const stack = {
            name: `${prefix}switch_mlp.${projection}_proj.weight`,
            shape: [EXPERTS, ...(projection === 'down' ? [64, 32] : [32, 64])],
          }
          return projection === 'gate' ? [{ name: `${prefix}gate.weight`, shape: [EXPERTS, 64] }, stack] : [stack]
        }),
    })
  })
  afterAll(() => [dense, sparse].forEach((model) => model.remove()))

  const activations: Record<Exclude<Activation, 'relu-squared'>, true> = {
    silu: true,
    'gelu-tanh': true,
    'clamped-swiglu': true,
    'limited-silu': true,
    'silu-of-limited': true,
    situ: true,
  }
  it.each(Object.keys(activations) as Activation[])('with the activation %s', async (activation) => {
    await expectAlike(dense, (plan) => ({ ...plan, activation, alwaysLimit: 0.2, gateBound: 0.5, upBound: 0.3 }))
    await expectAlike(sparse, (plan) => ({ ...plan, activation, experts: plan.experts && { ...plan.experts, limit: 0.3 } }))
  })

  const scorings: Record<Scoring, true> = {
    softmax: true,
    'softmax-of-chosen': true,
    sigmoid: true,
    'sqrt-softplus': true,
    'sparse-mixer': true,
  }
  const routers = (Object.keys(scorings) as Scoring[]).flatMap((scoring) => [
    { scoring, isNormalized: true, groups: 1, groupsKept: 1, scale: 1, jitter: 0.2 },
    { scoring, isNormalized: false, groups: 1, groupsKept: 1, scale: 2.5 },
    { scoring, isNormalized: true, groups: 4, groupsKept: 2, scale: 1 },
    { scoring, isNormalized: true, groups: 4, groupsKept: 2, scale: 1, isGroupBest: true, logitCap: 0.5 },
  ])
  // A softmax of chosen logits has no groups.
  const isPossible = ({ scoring, groups }: (typeof routers)[number]) =>
    !['softmax-of-chosen', 'sparse-mixer'].includes(scoring) || groups === 1
  it.each(routers.filter(isPossible))('with the router %o', async (router) => {
    await expectAlike(sparse, (plan) => ({
      ...plan,
      experts: plan.experts && { ...plan.experts, router: { ...plan.experts.router, ...router } },
    }))
  })

  it.each<[string, Change]>([
    ['activation', (plan) => ({ ...plan, activation: 'tanh' as Activation })],
    [
      'scoring',
      (plan) => ({
        ...plan,
        experts: plan.experts && { ...plan.experts, router: { ...plan.experts.router, scoring: 'tanh' as 'sigmoid' } },
      }),
    ],
  ])('and refuse a %s that they do not know', async (_name, change) => {
    await expect(run(sparse, change, false)).rejects.toThrow(/unknown (activation|scoring)/)
  })
})
