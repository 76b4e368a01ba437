import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ggufBytes, tinyLlama } from './__fixtures__/write-gguf-file.ts'
import { ggufFamilies } from './gguf-families.ts'
import { importGguf } from './import-gguf.ts'

interface Layout {
  readonly gguf: string
  readonly shape: readonly number[]
  readonly own: string
  readonly ownShape: readonly number[]
  /** The row of the model that each stored row is; absent: in the same order. */
  readonly rows?: readonly number[]
  readonly columns?: readonly number[]
}
interface Model {
  readonly metadata: Record<string, string | number | boolean>
  readonly tensors: readonly Layout[]
}

/** Tiny models of mlx-lm as llama.cpp's converter orders them, under the names of its `gguf` package 0.19.0. */
const models = JSON.parse(await readFile(new URL('__fixtures__/gguf-layouts.json', import.meta.url), 'utf8')) as Record<string, Model>

const DELTA = {
  linear_num_key_heads: 2,
  linear_num_value_heads: 4,
  linear_key_head_dim: 4,
  linear_value_head_dim: 4,
  linear_conv_kernel_dim: 4,
}
const MAMBA = { mamba_num_heads: 4, mamba_head_dim: 4, ssm_state_size: 4, n_groups: 2, conv_kernel: 4, use_conv_bias: true }
const CONFIGS: Readonly<Record<string, object>> = {
  gemma4: {
    head_dim: 8,
    global_head_dim: 16,
    num_kv_shared_layers: 2,
    use_double_wide_mlp: true,
    intermediate_size: 48,
    attention_k_eq_v: false,
  },
  qwen3next: { ...DELTA, full_attention_interval: 2, partial_rotary_factor: 0.25, num_experts: 2, shared_expert_intermediate_size: 8 },
  qwen35: { ...DELTA, full_attention_interval: 2, partial_rotary_factor: 0.25, intermediate_size: 48 },
  qwen35moe: { ...DELTA, moe_intermediate_size: 8, shared_expert_intermediate_size: 8 },
  lfm2: { full_attn_idxs: [1], conv_L_cache: 3, block_auto_adjust_ff_dim: false, num_key_value_heads: 1 },
  lfm2moe: { full_attn_idxs: [1], num_dense_layers: 1, use_expert_bias: true, num_experts: 2 },
  nemotron_h: { ...MAMBA, hybrid_override_pattern: 'M*-', intermediate_size: 48 },
  nemotron_h_moe: { ...MAMBA, hybrid_override_pattern: 'ME*', n_routed_experts: 2, moe_latent_size: 16, routed_scaling_factor: 2.5 },
  bailingmoe: { score_function: 'softmax', use_qk_norm: false, first_k_dense_replace: 0 },
  bailingmoe2: { score_function: 'sigmoid', n_group: 2, topk_group: 2, partial_rotary_factor: 0.5, moe_router_enable_expert_bias: true },
  dots1: { n_routed_experts: 2, scoring_func: 'noaux_tc', routed_scaling_factor: 2.5 },
  'command-r': { logit_scale: 0.25, tie_word_embeddings: true },
  olmoe: { norm_topk_prob: false, moe_intermediate_size: 8 },
  minicpm: { scale_emb: 12, dim_model_base: 16 },
  stablelm: { layer_norm_eps: 1e-5, partial_rotary_factor: 0.5, use_parallel_residual: false },
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-gguf-layouts-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
const isDecay = (name: string): boolean => name.endsWith('.A_log')

/** The numbers of a tensor of the model: each another one, and exact in float32. */
function numbersOf({ own, ownShape }: Layout): Float32Array {
  const start = own.length
  return Float32Array.from({ length: sizeOf(ownShape) }, (_, index) => (isDecay(own) ? Math.log(start + index) : start + index / 4))
}

function storedNumbers(layout: Layout): Float32Array {
  const { shape, own, rows, columns } = layout
  const width = shape.length > 1 ? (shape.at(-1) ?? 1) : 1
  const numbers = numbersOf(layout)
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width]
    const number = numbers[(rows?.[row] ?? row) * width + (columns?.[column] ?? column)] ?? Number.NaN
    return isDecay(own) ? -Math.exp(number) : number
  })
}

async function importOf(architecture: string) {
  const { metadata, tensors } = models[architecture] as Model
  const tokenizer = Object.entries(tinyLlama().metadata).filter(([key]) => key.startsWith('tokenizer.'))
  const file = ggufBytes(
    { ...metadata, ...Object.fromEntries(tokenizer) },
    tensors.map((layout) => ({ name: layout.gguf, shape: layout.shape, typeId: 0, bytes: new Uint8Array(storedNumbers(layout).buffer) })),
  )
  const targetDir = join(await mkdtemp(join(folder, 'model-')), architecture)
  await writeFile(`${targetDir}.gguf`, file)
  await importGguf({ ggufPath: `${targetDir}.gguf`, targetDir })
  const bytes = await readFile(join(targetDir, 'model.safetensors'))
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: _, ...header } = JSON.parse(bytes.toString('utf8', 8, dataStart)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >
  const written = Object.entries(header).map(
    ([
      name,
      {
        shape,
        data_offsets: [start, end],
      },
    ]) => {
      const own = Uint8Array.from(bytes.subarray(dataStart + start, dataStart + end))
      return [name, { shape, numbers: new Float32Array(own.buffer) }] as const
    },
  )
  return {
    config: JSON.parse(await readFile(join(targetDir, 'config.json'), 'utf8')) as Record<string, unknown>,
    written: new Map(written),
  }
}

describe('the layouts of GGUF', () => {
  it.each(Object.keys(models))('%s has its numbers where the model has them, and their sizes in config.json', async (architecture) => {
    const { tensors } = models[architecture] as Model
    const { config, written } = await importOf(architecture)
    expect(config['model_type']).toBe(ggufFamilies[architecture]?.modelType)
    expect(config).toMatchObject(CONFIGS[architecture] ?? {})
    expect([...written.keys()].sort()).toEqual([...new Set(tensors.map(({ own }) => own))].sort())
    for (const layout of tensors) {
      const { shape, numbers } = written.get(layout.own) ?? { shape: [], numbers: [] }
      expect(shape, layout.own).toEqual(layout.ownShape)
      const wanted = numbersOf(layout)
      if (!isDecay(layout.own)) expect([...numbers], layout.own).toEqual([...wanted])
      for (const [index, number] of numbers.entries()) expect(number).toBeCloseTo(wanted[index] ?? Number.NaN, 5)
    }
  })

  it('gemma4: gate and up of experts are told apart, and keys of layers that share others are left out', async () => {
    const { metadata, tensors } = models['gemma4'] as Model
    const fused: Layout = { gguf: 'blk.0.ffn_gate_up_exps.weight', shape: [2, 8, 32], own: 'fused', ownShape: [2, 8, 32] }
    const further: [string, number[]][] = [0, 1, 2, 3].flatMap((layer): [string, number[]][] => [
      [`blk.${layer}.ffn_gate_inp.weight`, [2, 32]],
      [`blk.${layer}.ffn_gate_inp.scale`, [32]],
      [`blk.${layer}.ffn_gate_up_exps.weight`, [2, 8, 32]],
      [`blk.${layer}.ffn_down_exps.weight`, [2, 32, 4]],
      [`blk.${layer}.ffn_down_exps.scale`, [2]],
      ...['pre_ffw_norm_2', 'post_ffw_norm_1', 'post_ffw_norm_2'].map((name): [string, number[]] => [`blk.${layer}.${name}.weight`, [32]]),
    ])
    further.push(['blk.3.attn_k.weight', [16, 32]])
    models['gemma4-experts'] = {
      metadata: { ...metadata, 'gemma4.expert_count': 2, 'gemma4.expert_used_count': 1, 'gemma4.expert_feed_forward_length': 4 },
      tensors: [...tensors, ...further.map(([gguf, shape]): Layout => ({ gguf, shape, own: 'fused', ownShape: shape }))],
    }
    const { config, written } = await importOf('gemma4-experts')
    expect(config).toMatchObject({ enable_moe_block: true, top_k_experts: 1, num_experts: 2, moe_intermediate_size: 4 })
    const all = [...numbersOf(fused)]
    const rows = (first: number): number[] => all.slice(first * 32, (first + 4) * 32)
    const numbers = (half: string): number[] => [...(written.get(`model.layers.0.experts.switch_glu.${half}_proj.weight`)?.numbers ?? [])]
    expect(numbers('gate')).toEqual([...rows(0), ...rows(8)])
    expect(numbers('up')).toEqual([...rows(4), ...rows(12)])
    expect(written.has('model.layers.3.self_attn.k_proj.weight')).toBe(false)
  })
})
