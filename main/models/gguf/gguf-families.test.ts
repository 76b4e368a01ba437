import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ggufBytes, tinyLlama } from './__fixtures__/write-gguf-file.ts'
import { ggufFamilies } from './gguf-families.ts'
import { importGguf } from './import-gguf.ts'
import { leftOutArchitectures } from './left-out-architectures.ts'

interface Model {
  readonly metadata: Record<string, string | number | boolean | readonly boolean[]>
  readonly tensors: readonly (readonly [gguf: string, shape: readonly number[], own: string])[]
}

/** Names, shapes and metadata as the `gguf` package of llama.cpp writes tiny models of each family. */
const models = JSON.parse(await readFile(new URL('__fixtures__/gguf-names.json', import.meta.url), 'utf8')) as Record<string, Model>
const PERMUTED = /self_attn\.[qk]_proj\.weight$/

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-gguf-families-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

async function importOf(architecture: string): Promise<{ config: Record<string, unknown>; numbers: Map<string, readonly number[]> }> {
  const { metadata, tensors } = models[architecture] as Model
  const tokenizer = Object.entries(tinyLlama().metadata).filter(([key]) => key.startsWith('tokenizer.'))
  const file = ggufBytes(
    { ...metadata, ...Object.fromEntries(tokenizer) },
    tensors.map(([name, shape], place) => ({
      name,
      shape,
      typeId: 0,
      bytes: new Uint8Array(Float32Array.from({ length: sizeOf(shape) }, (_, index) => place + index / 4).buffer),
    })),
  )
  const targetDir = join(await mkdtemp(join(folder, 'model-')), architecture)
  await writeFile(`${targetDir}.gguf`, file)
  await importGguf({ ggufPath: `${targetDir}.gguf`, targetDir })
  const bytes = await readFile(join(targetDir, 'model.safetensors'))
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, dataStart)) as Record<string, { data_offsets: number[] }>
  const numbers = Object.entries(header).map(
    ([
      name,
      {
        data_offsets: [start = 0, end = 0],
      },
    ]) => {
      const own = Uint8Array.from(bytes.subarray(dataStart + start, dataStart + end))
      return [name, [...new Float32Array(own.buffer)]] as const
    },
  )
  return { config: JSON.parse(await readFile(join(targetDir, 'config.json'), 'utf8')), numbers: new Map(numbers) }
}

describe('the families of GGUF', () => {
  it.each(Object.keys(models))('%s has its tensors under the names of the model', async (architecture) => {
    const { tensors } = models[architecture] as Model
    const family = ggufFamilies[architecture]
    const { config, numbers } = await importOf(architecture)
    expect(config['model_type']).toBe(family?.modelType)
    expect([...numbers.keys()].sort()).toEqual(tensors.map(([, , own]) => own).sort())
    for (const [place, [, shape, own]] of tensors.entries()) {
      const offset = own.endsWith('norm.weight') ? -(family?.normOffset ?? 0) : 0
      const wanted = Array.from({ length: sizeOf(shape) }, (_, index) => place + index / 4 + offset)
      const got = numbers.get(own) as readonly number[]
      const isPermuted = family?.permutesRope === true && PERMUTED.test(own)
      if (isPermuted) expect(got).not.toEqual(wanted)
      expect(isPermuted ? got.toSorted((a, b) => a - b) : got).toEqual(wanted)
    }
  })

  it.each([
    ['glm4moe', { n_routed_experts: 8, n_shared_experts: 2, first_k_dense_replace: 1, partial_rotary_factor: 0.5, use_qk_norm: false }],
    ['gemma3', { sliding_window: 40, hidden_activation: 'gelu_pytorch_tanh', rope_scaling: { rope_type: 'linear', factor: 8 } }],
    ['qwen2moe', { shared_expert_intermediate_size: expect.any(Number), norm_topk_prob: false, num_experts: 8 }],
    ['granitemoe', { num_local_experts: 8, logits_scaling: expect.any(Number), embedding_multiplier: expect.any(Number) }],
    ['deepseek2', { model_type: 'deepseek_v3', kv_lora_rank: 64, qk_nope_head_dim: 32, v_head_dim: 32, n_group: 4, topk_group: 2 }],
    ['hunyuan-moe', { moe_topk: 2, use_mixed_mlp_moe: true }],
    ['gpt-oss', { num_local_experts: 6, sliding_window: 40, rope_scaling: { rope_type: 'yarn', factor: 32, truncate: false } }],
    ['ernie4_5-moe', { moe_num_experts: 8, moe_k: 3, moe_layer_start_index: 1 }],
    ['phi3', { partial_rotary_factor: 0.75 }],
    [
      'exaone-moe',
      {
        num_experts: 8,
        num_shared_experts: 2,
        routed_scaling_factor: 2.5,
        is_moe_layer: [false, true, true],
        layer_types: ['sliding_attention', 'sliding_attention', 'full_attention'],
        sliding_window: 16,
      },
    ],
    ['minimax-m2', { num_local_experts: 8, scoring_func: 'sigmoid' }],
  ])('%s has the settings of its metadata', async (architecture, settings) => {
    expect((await importOf(architecture)).config).toMatchObject(settings)
  })

  it('has the factors of LongRoPE as they are in the file', async () => {
    const { metadata, tensors } = models['phi3'] as Model
    const factors = ['rope_factors_long.weight', 'rope_factors_short.weight'].map((name) => [name, [6], ''] as const)
    models['phi3-long'] = { metadata, tensors: [...tensors, ...factors] }
    const { config } = await importOf('phi3-long').finally(() => delete models['phi3-long'])
    const start = tensors.length
    expect(config['rope_scaling']).toMatchObject({
      type: 'longrope',
      long_factor: [0, 1, 2, 3, 4, 5].map((index) => start + index / 4),
      short_factor: [0, 1, 2, 3, 4, 5].map((index) => start + 1 + index / 4),
    })
  })

  it('leaves out the layers that predict further tokens', async () => {
    const { metadata, tensors } = models['glm4moe'] as Model
    models['glm4moe-nextn'] = {
      metadata: { ...metadata, 'glm4moe.block_count': 3, 'glm4moe.nextn_predict_layers': 1 },
      tensors: [...tensors, ['blk.2.nextn.eh_proj.weight', [2, 2], '']],
    }
    const { config, numbers } = await importOf('glm4moe-nextn').finally(() => delete models['glm4moe-nextn'])
    expect(config['num_hidden_layers']).toBe(2)
    expect([...numbers.keys()].some((name) => name.includes('layers.2.'))).toBe(false)
  })

  it('are those that llama.cpp names, each imported or left out for a reason', async () => {
    const named = JSON.parse(await readFile(new URL('__fixtures__/gguf-architectures.json', import.meta.url), 'utf8')) as string[]
    const imported = (name: string): boolean => Object.hasOwn(ggufFamilies, name)
    expect(named.filter((name) => imported(name) === leftOutArchitectures.has(name))).toEqual([])
    expect(named.filter(imported).length).toBeGreaterThan(40)
  })
})
