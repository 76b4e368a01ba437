import type { StoredTensor } from '../tensor-catalog.ts'
import { fromExpertBlocks } from './expert-blocks.ts'
import { fromFloat8 } from './float8-form.ts'
import { ForeignConfig } from './foreign-config.ts'
import { ForeignModule } from './foreign-module.ts'
import { fromPackedWeight, fromQuantizedWeight } from './integer-forms.ts'

/**
 * Presents quantized weights of other programs under MLX's names (`weight`, `scales`, `biases`) and in MLX's layout. The
 * engine converts them while it reads them, each rank its own part.
 *
 * - AutoAWQ and GPTQ (`qweight`), and compressed-tensors' packed integers (`weight_packed`): the same numbers.
 * - Original gpt-oss (`gate_up_proj_blocks`): gate and up in turns.
 * - 8-bit floats with a scale per block, row or tensor: quantized again to 8 bits in groups of 64.
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
    if (module.kind === 'qweight') made.set(module.name, fromQuantizedWeight(module, settings))
    if (module.kind === 'weight_packed') made.set(module.name, fromPackedWeight(module, settings))
    if (module.kind === 'weight' && tensor.type === 'F8_E4M3') made.set(module.name, fromFloat8(module, settings))
    if (module.kind.endsWith('_proj_blocks')) made.set(tensor.name, fromExpertBlocks(module))
  }
  if (made.size === 0) return [...tensors]
  const replaced = new Set([...made].flatMap(([name, parts]) => [name, `${name}.scales`, ...parts.map((part) => part.name)]))
  return [...tensors.filter(({ name }) => !replaced.has(name)), ...[...made.values()].flat()]
}
