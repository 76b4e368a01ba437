import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeDecoder } from '../native/family/describe-decoder.ts'
import { NativeError } from '../native/native-error.ts'
import { planDecoder } from '../native/plan/plan-decoder.ts'
import { openCatalog } from '../native/weights/open-catalog.ts'
import { isJsonObject } from '../main/shared/formats/json-value.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const folder = mkdtempSync(join(tmpdir(), 'exo-fuzz-'))
const MOST_LAYERS = 256

function writeWeights(): void {
  const names = ['model.embed_tokens', 'model.layers.0.self_attn.q_proj', 'model.layers.0.mlp.gate_proj', 'lm_head']
  const tensors = names.flatMap((name) => [
    [`${name}.weight`, { dtype: 'U32', shape: [8, 1], data_offsets: [0, 32] }],
    [`${name}.scales`, { dtype: 'F16', shape: [8, 1], data_offsets: [32, 48] }],
    [`${name}.biases`, { dtype: 'F16', shape: [8, 1], data_offsets: [48, 64] }],
  ])
  const header = Buffer.from(JSON.stringify(Object.fromEntries(tensors)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, header, Buffer.alloc(64)]))
}
writeWeights()

const sizes = {
  num_hidden_layers: 1,
  hidden_size: 8,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 4,
  intermediate_size: 8,
  vocab_size: 8,
  rms_norm_eps: 1e-5,
}

export default {
  seeds: [
    { model_type: 'llama', ...sizes, quantization_config: { bits: 4, group_size: 32 } },
    {
      model_type: 'qwen3_moe',
      ...sizes,
      num_experts: 4,
      num_experts_per_tok: 2,
      moe_intermediate_size: 8,
      quantization_config: { quant_method: 'fp8' },
    },
    {
      model_type: 'gemma3',
      text_config: { ...sizes, model_type: 'gemma3_text', sliding_window: 4, rope_scaling: { factor: 8, rope_type: 'linear' } },
    },
    {
      model_type: 'llama',
      ...sizes,
      rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 64 },
      quantization_config: { bits: 4, group_size: 32, 'model.layers.0.mlp.gate_proj': { bits: 8, group_size: 32 }, lm_head: false },
    },
    {
      model_type: 'qwen2',
      ...sizes,
      quantization_config: { quant_method: 'awq', bits: 4, group_size: 32, version: 'gemm', modules_to_not_convert: ['lm_head'] },
    },
    {
      model_type: 'llama',
      ...sizes,
      quantization_config: {
        quant_method: 'compressed-tensors',
        format: 'pack-quantized',
        config_groups: { group_0: { targets: ['Linear'], weights: { num_bits: 4, type: 'int', group_size: 32 } } },
      },
    },
    { model_type: 'nemotron_h', ...sizes, hybrid_override_pattern: 'M*-E', mamba_num_heads: 2, ssm_state_size: 4, conv_kernel: 2 },
  ].map((json) => JSON.stringify(json)),
  words: [
    '"model_type":"',
    '"__proto__":',
    '"quantization_config":',
    '"bits":',
    '"layer_types":[',
    '"rope_parameters":',
    '1e308',
    '-1',
    '0.5',
    'null',
    '"gptq"',
    '"mxfp4"',
  ],
  async run(bytes) {
    let config: unknown
    try {
      config = JSON.parse(bytes.toString('utf8'))
    } catch {
      return
    }
    try {
      const description = describeDecoder(config, 'config.json')
      if (description.layers > MOST_LAYERS) return
      const layers = { start: 0, end: description.layers }
      const catalog = await openCatalog(folder, isJsonObject(config) ? config['quantization_config'] : undefined)
      planDecoder(description, catalog, { strategy: 'pipeline', rank: 0, worldSize: 1, layers, dequantize: false })
    } catch (error) {
      if (!(error instanceof NativeError)) throw error
    }
  },
} satisfies FuzzTarget
