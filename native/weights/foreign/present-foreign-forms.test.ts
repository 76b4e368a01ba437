import { describe, expect, it } from 'vitest'
import type { NativeError } from '../../native-error.ts'
import type { StoredTensor } from '../tensor-catalog.ts'
import { presentForeignForms } from './present-foreign-forms.ts'

const NAME = 'model.layers.0.mlp.up_proj'
const tensor = (name: string, type: string, shape: readonly number[]): StoredTensor => ({ name, file: 0, offsetBytes: 64, type, shape })
const gptq = (groups: number): StoredTensor[] => [
  tensor(`${NAME}.qweight`, 'I32', [16, 64]),
  tensor(`${NAME}.scales`, 'F16', [groups, 64]),
  tensor(`${NAME}.qzeros`, 'I32', [groups, 8]),
  tensor(`${NAME}.g_idx`, 'I32', [128]),
]
const shapesOf = (tensors: readonly StoredTensor[]): Record<string, readonly number[]> =>
  Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]))

function refusalOf(tensors: readonly StoredTensor[], config: object | null): Pick<NativeError, 'code' | 'message'> {
  try {
    presentForeignForms(tensors, config)
  } catch (error) {
    return error as NativeError
  }
  throw new Error('nothing was refused')
}

describe('presentForeignForms', () => {
  it('leaves the tensors of MLX as they are', () => {
    const tensors = [
      tensor(`${NAME}.weight`, 'U32', [64, 16]),
      tensor(`${NAME}.scales`, 'F16', [64, 4]),
      tensor('model.norm.weight', 'F32', [64]),
    ]
    expect(presentForeignForms(tensors, null)).toEqual(tensors)
  })

  it('gives GPTQ’s weights the names and shapes of MLX', () => {
    const presented = presentForeignForms([...gptq(4), tensor('model.norm.weight', 'F32', [64])], { bits: 4, desc_act: false })
    expect(shapesOf(presented)).toMatchObject({
      [`${NAME}.weight`]: [64, 16],
      [`${NAME}.scales`]: [64, 4],
      [`${NAME}.biases`]: [64, 4],
      'model.norm.weight': [64],
    })
    expect(presented.filter(({ name }) => name === `${NAME}.scales`)).toHaveLength(1)
  })

  it('separates the gate from the up rows of gpt-oss', () => {
    const experts = 'model.layers.0.mlp.experts'
    const presented = presentForeignForms(
      [
        tensor(`${experts}.gate_up_proj_blocks`, 'U8', [8, 12, 2, 16]),
        tensor(`${experts}.gate_up_proj_scales`, 'U8', [8, 12, 2]),
        tensor(`${experts}.gate_up_proj_bias`, 'BF16', [8, 12]),
        tensor(`${experts}.down_proj_blocks`, 'U8', [8, 64, 1, 16]),
        tensor(`${experts}.down_proj_scales`, 'U8', [8, 64, 1]),
        tensor(`${experts}.down_proj_bias`, 'BF16', [8, 64]),
      ],
      { quant_method: 'mxfp4' },
    )
    expect(shapesOf(presented)).toMatchObject({
      [`${experts}.gate_proj.weight`]: [8, 6, 8],
      [`${experts}.up_proj.scales`]: [8, 6, 2],
      [`${experts}.up_proj.bias`]: [8, 6],
      [`${experts}.down_proj.weight`]: [8, 64, 4],
    })
  })

  const refused: readonly (readonly [what: string, tensors: readonly StoredTensor[], config: object | null, message: string])[] = [
    ['groups that MLX does not have', gptq(8), { desc_act: false }, 'in groups of 16 columns'],
    ['the layout of Marlin', gptq(4), { checkpoint_format: 'marlin' }, 'marlin'],
    [
      'GPTQ in the order of activations whose rows are no groups',
      [
        tensor(`${NAME}.qweight`, 'I32', [4, 64]),
        tensor(`${NAME}.scales`, 'F16', [1, 64]),
        tensor(`${NAME}.qzeros`, 'I32', [1, 8]),
        tensor(`${NAME}.g_idx`, 'I32', [32]),
      ],
      { desc_act: true },
      'in rows of 32 numbers',
    ],
    [
      'fused experts in 8-bit floats',
      [
        tensor('model.layers.0.mlp.up_proj.gate_up_proj', 'F8_E4M3', [4, 128, 64]),
        tensor('model.layers.0.mlp.up_proj.down_proj', 'F8_E4M3', [4, 64, 64]),
      ],
      null,
      'with gate and up in one tensor',
    ],
    [
      'packed 4-bit floats with scales of a type that no program has',
      [tensor(`${NAME}.weight_packed`, 'U8', [64, 64]), tensor(`${NAME}.weight_scale`, 'F8_E5M2', [64, 8])],
      null,
      'as U8 with scales of type F8_E5M2',
    ],
    [
      '8-bit floats with integer scales',
      [tensor(`${NAME}.weight`, 'F8_E4M3', [64, 128]), tensor(`${NAME}.weight_scale_inv`, 'I8', [1, 1])],
      null,
      'with scales of type I8',
    ],
  ]
  it.each(refused)('refuses %s by name, with the way out', (_what, tensors, config, message) => {
    const error = refusalOf(tensors, config)
    expect(error.code).toBe('quantization-unsupported')
    expect(error.message).toContain(message)
    expect(error.message).toContain(NAME)
    expect(error.message).toContain('Use an MLX version')
  })

  it('keeps the numbers of compressed-tensors’ mxfp4', () => {
    const presented = presentForeignForms(
      [tensor(`${NAME}.weight_packed`, 'U8', [64, 64]), tensor(`${NAME}.weight_scale`, 'U8', [64, 4])],
      { quant_method: 'compressed-tensors', format: 'mxfp4-pack-quantized' },
    )
    expect(shapesOf(presented)).toMatchObject({ [`${NAME}.weight`]: [64, 16], [`${NAME}.scales`]: [64, 4] })
    expect(presented.some(({ form }) => form)).toBe(false)
  })

  it('reports shapes that do not match as damage', () => {
    const broken = [tensor(`${NAME}.qweight`, 'I32', [16, 60]), ...gptq(4).slice(1)]
    expect(refusalOf(broken, null).code).toBe('model-damaged')
    expect(refusalOf([tensor(`${NAME}.qweight`, 'I32', [16, 64])], null).code).toBe('model-damaged')
    const block = [tensor(`${NAME}.weight`, 'F8_E4M3', [256, 128]), tensor(`${NAME}.weight_scale_inv`, 'F32', [3, 1])]
    expect(refusalOf(block, { weight_block_size: [128, 128] }).code).toBe('model-damaged')
    expect(refusalOf(gptq(4).slice(0, 3), { desc_act: true }).code).toBe('model-damaged')
    const fused = [tensor('mlp.experts.gate_up_proj', 'BF16', [4, 64, 96]), tensor('mlp.experts.down_proj', 'BF16', [4, 96, 64])]
    expect(refusalOf(fused, null).code).toBe('model-damaged')
  })
})
