import { cp, link, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomSafetensors } from '../../main/shared/models/random-safetensors.ts'
import { post } from '../node/call-api.ts'
import type { RunningExo } from '../node/start-exo.ts'
import { useDefaultNode } from '../node/use-default-node.ts'

type Config = Record<string, unknown>

/** The number of experts in a Mixtral with one small layer and the default model's tokenizer. */
const EXPERTS = 4
const mixtralTensors = ['embed_tokens', 'norm']
  .map((name) => ({ name: `model.${name}.weight`, shape: name === 'norm' ? [64] : [49_152, 64] }))
  .concat(
    ['input_layernorm', 'post_attention_layernorm'].map((name) => ({ name: `model.layers.0.${name}.weight`, shape: [64] })),
    ['q', 'k', 'v', 'o'].map((name) => ({ name: `model.layers.0.self_attn.${name}_proj.weight`, shape: [64, 64] })),
    [{ name: 'model.layers.0.block_sparse_moe.gate.weight', shape: [EXPERTS, 64] }],
    Array.from({ length: EXPERTS }, (_, expert) =>
      ['w1', 'w2', 'w3'].map((name) => ({
        name: `model.layers.0.block_sparse_moe.experts.${expert}.${name}.weight`,
        shape: name === 'w2' ? [64, 96] : [96, 64],
      })),
    ).flat(),
  )
const MIXTRAL: Config = {
  model_type: 'mixtral',
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  vocab_size: 49_152,
  rms_norm_eps: 1e-5,
  num_local_experts: EXPERTS,
  num_experts_per_tok: 2,
  tie_word_embeddings: true,
}

describe('a damaged model folder', () => {
  let node: RunningExo
  let modelDir: string
  let model: string
  let folder: string

  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'exo-damaged-'))))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  useDefaultNode((started) => void ({ node, model, modelDir } = started))

  /** Copies the default model, shares its weights by links, and applies `damage` to the copy. */
  async function damagedCopy(name: string, damage: (copy: string) => Promise<void>): Promise<string> {
    const copy = join(folder, name)
    await mkdir(copy)
    for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) await cp(join(modelDir, file), join(copy, file))
    await link(join(modelDir, 'model.safetensors'), join(copy, 'model.safetensors')).catch(() =>
      cp(join(modelDir, 'model.safetensors'), join(copy, 'model.safetensors')),
    )
    await damage(copy)
    return copy
  }

  const changeConfig =
    (change: (config: Config) => void) =>
    async (copy: string): Promise<void> => {
      const config = JSON.parse(await readFile(join(copy, 'config.json'), 'utf8')) as Config
      change(config)
      await writeFile(join(copy, 'config.json'), JSON.stringify(config))
    }
  const replaceWeights =
    (bytes: number) =>
    async (copy: string): Promise<void> => {
      const file = join(copy, 'model.safetensors')
      const content = await readFile(file)
      await rm(file)
      await writeFile(file, content)
      await truncate(file, bytes)
    }

  /** @param missing - an expert whose tensors are left out */
  const becomeMixtral =
    (missing?: number) =>
    async (copy: string): Promise<void> => {
      await rm(join(copy, 'model.safetensors'))
      await writeFile(join(copy, 'config.json'), JSON.stringify(MIXTRAL))
      await writeFile(
        join(copy, 'model.safetensors'),
        randomSafetensors(
          mixtralTensors.filter(({ name }) => missing === undefined || !name.includes(`experts.${missing}.`)),
          1,
        ),
      )
    }

  const cases: readonly [name: string, damage: (copy: string) => Promise<void>, message: RegExp][] = [
    ['an unknown model_type', changeConfig((config) => (config['model_type'] = 'hal9000')), /hal9000.*llama.*qwen3|llama.*qwen3.*hal9000/s],
    ['no model_type', changeConfig((config) => delete config['model_type']), /model_type/],
    ['weights of another shape', changeConfig((config) => (config['hidden_size'] = 512)), /shape|hidden_size|size/],
    ['more layers than weights', changeConfig((config) => (config['num_hidden_layers'] = 31)), /layers?[. ]30|missing|tensor/],
    ['an expert missing', becomeMixtral(2), /experts\.2\./],
    ['truncated weights', replaceWeights(30_000_000), /cut off|damaged/],
    ['weights cut in their header', replaceWeights(100), /cut off|damaged/],
    ['empty weights', replaceWeights(0), /cut off|damaged/],
    ['no weights', (copy) => rm(join(copy, 'model.safetensors')), /safetensors|weights/],
    ['a config that is no JSON', (copy) => writeFile(join(copy, 'config.json'), '{"model_type": '), /config\.json/],
    ['a tokenizer that is no JSON', (copy) => writeFile(join(copy, 'tokenizer.json'), 'no'), /tokenizer/],
    ['no tokenizer', (copy) => rm(join(copy, 'tokenizer.json')), /tokenizer/],
  ]

  it('a mixture with all its experts answers', async () => {
    const copy = await damagedCopy('whole-mixture', becomeMixtral())
    expect(await post(node.apiUrl, '/v1/completions', { model: copy, prompt: 'The', max_tokens: 1 })).toMatchObject({ status: 200 })
  })

  it.each(cases)('%s: the client is told, the node goes on', async (name, damage, message) => {
    const copy = await damagedCopy(name.replaceAll(' ', '-'), damage)
    const answer = await post(node.apiUrl, '/v1/chat/completions', {
      model: copy,
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 2,
    })
    expect(answer.body.error?.message).toMatch(message)
    expect([answer.status, answer.body.error.code]).toEqual([
      400,
      expect.stringMatching(/^(model_damaged|model_unsupported|invalid_request)$/),
    ])
    const good = await post(node.apiUrl, '/v1/completions', { model, prompt: 'The', max_tokens: 1 })
    expect(good.status).toBe(200)
  })
})
