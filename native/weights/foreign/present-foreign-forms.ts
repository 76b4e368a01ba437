import type { StoredTensor } from '../tensor-catalog.ts'
import { fromExpertBlocks } from './expert-blocks.ts'
import { fromFloat8 } from './float8-form.ts'
import { ForeignConfig } from './foreign-config.ts'
import { ForeignModule } from './foreign-module.ts'
import { fromFusedExperts } from './fused-experts.ts'
import { fromPackedWeight, fromQuantizedWeight } from './integer-forms.ts'
import { fromGlobalScale, fromModelOpt, fromPackedFloats } from './small-float-forms.ts'

/**
 * Presents quantized weights of other programs under MLX's names (`weight`, `scales`, `biases`) and in MLX's layout. The
 * engine converts them while it reads them, each rank its own part.
 *
 * - AutoAWQ and GPTQ (`qweight`), and compressed-tensors' packed integers (`weight_packed`): the same numbers.
 * - Original gpt-oss (`gate_up_proj_blocks`), and experts without quantization (`gate_up_proj`): gate and up in one tensor.
 * - Quantized again to 8 bits in groups of 64: 8-bit floats with a scale per block, row or tensor, 4-bit floats with a scale of
 *   the whole tensor (nvfp4), and integers in the order of activations (`desc_act`).
 *
 * @param config - `quantization_config` of config.json
 * @throws NativeError `quantization-unsupported`
 */
export function presentForeignForms(tensors: readonly StoredTensor[], config: unknown): StoredTensor[] {
  const settings = ForeignConfig.safeParse(config ?? {}).data ?? {}
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const made = new Map<string, StoredTensor[]>()
  for (const tensor of tensors) {
    const module = new ForeignModule(tensor, byName)
    const parts = partsOf(module, settings)
    if (parts) made.set(tensor.name, parts)
  }
  if (made.size === 0) return [...tensors]
  const replaced = new Set([...made].flatMap(([name, parts]) => [name, ...parts.map((part) => part.name)]))
  return [...tensors.filter(({ name }) => !replaced.has(name)), ...[...made.values()].flat()]
}

/** null: the tensor is as MLX has it, or belongs to another one. */
function partsOf(module: ForeignModule, settings: ForeignConfig): StoredTensor[] | null {
  const { kind, tensor } = module
  if (kind === 'qweight') return fromQuantizedWeight(module, settings)
  if (kind === 'weight_packed') return tensor.type === 'U8' ? fromPackedFloats(module) : fromPackedWeight(module, settings)
  if (kind === 'weight' && tensor.type === 'F8_E4M3') return fromFloat8(module, settings)
  if (kind === 'weight' && tensor.type === 'U8' && module.find('weight_scale_2')) return fromModelOpt(module)
  if (kind === 'weight' && module.find('global_scale')) return fromGlobalScale(module)
  if (kind.endsWith('_proj_blocks')) return fromExpertBlocks(module)
  return kind === 'gate_up_proj' && module.find('down_proj') ? fromFusedExperts(module) : null
}
