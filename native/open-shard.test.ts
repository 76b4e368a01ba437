import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { binding, openTiny, runGeneration } from './__fixtures__/run-generation.ts'
import type { TensorSpec } from '../main/shared/models/random-safetensors.ts'
import { makeTinyModel, type TinyModel } from './__fixtures__/tiny-model.ts'
import { knownModelTypes, loadBinding } from './index.ts'

const MIXTRAL = { model_type: 'mixtral', num_local_experts: 3, num_experts_per_tok: 2 }
const EXPERT_NAMES: Readonly<Record<string, string>> = { gate_proj: 'w1', up_proj: 'w3', down_proj: 'w2' }

/** The tiny Llama's tensors with three experts in place of each feed-forward. */
function withExperts(tensors: TensorSpec[]): TensorSpec[] {
  return tensors.flatMap((tensor): TensorSpec[] => {
    const [, layer, projection = ''] = /^(.*)\.mlp\.(\w+)\.weight$/.exec(tensor.name) ?? []
    if (layer === undefined) return [tensor]
    const experts = [0, 1, 2].map((expert) => ({
      ...tensor,
      name: `${layer}.block_sparse_moe.experts.${expert}.${EXPERT_NAMES[projection]}.weight`,
    }))
    return projection === 'gate_proj' ? [{ name: `${layer}.block_sparse_moe.gate.weight`, shape: [3, 64] }, ...experts] : experts
  })
}
const floatBytes = (tensors: readonly TensorSpec[]) =>
  tensors.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size, 1), 0)

let models: TinyModel[] = []
const made = (model: TinyModel) => {
  models.push(model)
  return model
}

afterEach(() => {
  for (const model of models) model.remove()
  models = []
})

describe('openShard', () => {
  it('names the folder that is not there', async () => {
    const model = { dir: '/nowhere/at/all', layers: 4, vocabSize: 1, remove: () => undefined }
    await expect(openTiny(model)).rejects.toMatchObject({
      code: 'model-not-found',
      message: expect.stringContaining('/nowhere/at/all') as string,
    })
  })

  it('lists the known types for one that it does not know', async () => {
    const model = made(makeTinyModel({ config: { model_type: 'gpt2' } }))
    await expect(openTiny(model)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining(knownModelTypes.join(', ')) as string,
    })
  })

  it('names tensor and file for a tensor that is missing, of the wrong shape, or cut off', async () => {
    const name = 'model.layers.2.mlp.up_proj.weight'
    const missing = made(makeTinyModel({ tensors: (tensors) => tensors.filter((tensor) => tensor.name !== name) }))
    await expect(openTiny(missing)).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringContaining(name) as string })
    const misshapen = made(
      makeTinyModel({ tensors: (tensors) => tensors.map((tensor) => (tensor.name === name ? { name, shape: [95, 64] } : tensor)) }),
    )
    await expect(openTiny(misshapen)).rejects.toMatchObject({
      code: 'model-damaged',
      details: { tensor: name, shape: [95, 64], expectedShape: [96, 64] },
    })
    const cutOff = made(makeTinyModel({ bytes: (file) => file.subarray(0, file.length - 1000) }))
    await expect(openTiny(cutOff)).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringMatching(/model\.safetensors is cut off: tensor lm_head\.weight/) as string,
    })
  })

  it('C01 opens a model whose index is left over from another upload, and names the tensor that it lacks', async () => {
    const stale = { weight_map: { 'model.embed_tokens.weight': 'model-00001-of-00005.safetensors' } }
    const whole = made(makeTinyModel({}))
    writeFileSync(join(whole.dir, 'model.safetensors.index.json'), JSON.stringify(stale))
    const shard = await openTiny(whole)
    await shard.close()
    const name = 'model.layers.2.mlp.up_proj.weight'
    const partial = made(makeTinyModel({ tensors: (tensors) => tensors.filter((tensor) => tensor.name !== name) }))
    writeFileSync(join(partial.dir, 'model.safetensors.index.json'), JSON.stringify(stale))
    await expect(openTiny(partial)).rejects.toMatchObject({ code: 'model-damaged', message: expect.stringContaining(name) as string })
  })

  it('names the expert that is missing, and opens a model after it', async () => {
    const isMissing = (name: string) => name === 'model.layers.1.block_sparse_moe.experts.2.w3.weight'
    const damaged = made(
      makeTinyModel({ config: MIXTRAL, tensors: (tensors) => withExperts(tensors).filter(({ name }) => !isMissing(name)) }),
    )
    await expect(openTiny(damaged)).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining('model.layers.1.block_sparse_moe.experts.2.w3.weight') as string,
    })
    let storedBytes = 0
    const whole = makeTinyModel({
      config: MIXTRAL,
      tensors: (tensors) => {
        const all = withExperts(tensors)
        storedBytes = floatBytes(all)
        return all
      },
    })
    const shard = await openTiny(made(whole))
    expect(shard.info).toMatchObject({ modelType: 'mixtral', weightBytes: storedBytes })
    const { last } = await runGeneration(shard, { maxTokens: 4 })
    expect(last).toMatchObject({ type: 'generation-end', finishReason: 'length' })
    await shard.close()
  })

  it('refuses files that are no safetensors and configs that are no JSON or lack a size', async () => {
    const noise = made(makeTinyModel({ bytes: () => Buffer.alloc(4096, 0xff) }))
    await expect(openTiny(noise)).rejects.toMatchObject({ code: 'model-damaged' })
    const empty = made(makeTinyModel({ bytes: () => Buffer.alloc(3) }))
    await expect(openTiny(empty)).rejects.toMatchObject({ code: 'model-damaged' })
    const sizeless = made(makeTinyModel({ config: { hidden_size: undefined } }))
    await expect(openTiny(sizeless)).rejects.toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining('hidden_size') as string,
    })
  })

  it('refuses ranks and layers that do not fit together', async () => {
    const model = made(makeTinyModel())
    await expect(openTiny(model, { rank: 1 })).rejects.toMatchObject({ code: 'rank-mismatch' })
    await expect(openTiny(model, { layers: { start: 0, end: 9 } })).rejects.toMatchObject({ code: 'rank-mismatch' })
    await expect(openTiny(model, { layers: { start: 0, end: 2 } })).rejects.toMatchObject({ code: 'rank-mismatch' })
  })

  it('says what ranks cannot share evenly', async () => {
    const model = made(makeTinyModel())
    const refusal = openTiny(model, { strategy: 'tensor', backend: 'ring', rank: 0, worldSize: 3 })
    await expect(refusal).rejects.toMatchObject({
      code: 'strategy-unsupported',
      message: expect.stringContaining('4 attention heads') as string,
    })
  })
})

describe('the addon', () => {
  it('says what is wrong when it cannot be loaded', () => {
    expect(() => loadBinding('/nowhere/exo_engine.node')).toThrow(expect.objectContaining({ code: 'addon-missing' }) as Error)
  })

  it('derives seeds by the formula, on 1,000 vectors', () => {
    const limit = 2n ** 64n
    const derive = (base: bigint, shard: bigint, step: bigint): bigint => {
      let z = (base + 0x9e3779b97f4a7c15n * shard + step) % limit
      z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) % limit
      z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) % limit
      return z ^ (z >> 31n)
    }
    let base = 1n
    for (let index = 0; index < 1000; index++) {
      base = (base * 6364136223846793005n + 1442695040888963407n) % limit
      const shard = index % 2 === 0 ? 0n : base >> 40n
      expect(binding.deriveShardSeed(base, shard, BigInt(index))).toBe(derive(base, shard, BigInt(index)))
    }
  })

  it('lets its process end in the middle of a generation, with the exit status that was asked for', async () => {
    const model = made(makeTinyModel())
    const script = `
      const { openTiny, generationSpec } = await import(${JSON.stringify(new URL('__fixtures__/run-generation.ts', import.meta.url).href)})
      const shard = await openTiny({ dir: ${JSON.stringify(model.dir)}, layers: 4 })
      shard.generate(generationSpec({ maxTokens: 500 }), (event) => { if (event.type === 'token-delta') process.exit(7) })`
    await expect(promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 15_000 })).rejects.toMatchObject({
      code: 7,
      signal: null,
    })
  })
})
