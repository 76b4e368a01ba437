import { AppError } from '../../shared/app-error.ts'

/** A tensor of the model's files. */
export interface ModelTensor {
  readonly name: string
  /** As named in safetensors. */
  readonly dtype: string
  readonly shape: readonly number[]
}

export interface QuantizationWish {
  readonly bits: number
  readonly groupSize: number
  /** Layers that decide more get more bits, as in mlx-lm's mixed recipes. */
  readonly isMixed: boolean
}

/** A tensor of the quantized model. */
export interface PlannedWeight<Tensor extends ModelTensor> {
  readonly name: string
  /** One, or an expert's each, in order. */
  readonly from: readonly Tensor[]
  /** null: copied as it is. */
  readonly bits: number | null
}

const FLOATS = ['F32', 'F16', 'BF16']
/** Types that only quantized weights have. */
const QUANTIZED = ['U32', 'U8', 'I8', 'I32', 'F8_E4M3', 'F8_E5M2', 'F8_E8M0', 'F4']
/** Parts that must be exact or are not matrices of the text model: routers, norms, convolutions, and everything that sees or hears. */
const KEPT = /norm|conv|router|\.(shared_expert_)?gate\.weight$|vision|visual|audio|image|multi_modal|mm_projector|patch/
const SINGLE_EXPERT = /^(.*(?:mlp|block_sparse_moe|feed_forward))\.experts\.(\d+)\.(gate_proj|up_proj|down_proj|w1|w2|w3)\.weight$/
const STACK_NAMES: Readonly<Record<string, string>> = { w1: 'gate_proj', w2: 'down_proj', w3: 'up_proj' }
const MIXED_BITS: Readonly<Record<number, number>> = { 2: 6, 3: 6, 4: 6 }

/**
 * Decides which tensors are quantized, and with how many bits. Experts that are stored one by one become one tensor, as mlx-lm reads
 * them.
 *
 * @param layers - of the decoder
 * @throws AppError `invalid-request` for impossible numbers; `quantization-unsupported` if the model is quantized already or its experts
 *   are stored in a form that is not read
 */
export function planQuantization<Tensor extends ModelTensor>(
  tensors: readonly Tensor[],
  wish: QuantizationWish,
  layers: number,
): PlannedWeight<Tensor>[] {
  refuseImpossible(tensors, wish)
  const single = new Map<string, Tensor[]>()
  const others: Tensor[] = []
  for (const tensor of tensors) {
    const [, module, expert, name] = SINGLE_EXPERT.exec(tensor.name) ?? []
    if (module === undefined || name === undefined) {
      others.push(tensor)
      continue
    }
    const stack = `${module}.switch_mlp.${STACK_NAMES[name] ?? name}.weight`
    const experts = single.get(stack) ?? []
    experts[Number(expert)] = tensor
    single.set(stack, experts)
  }
  const planned = [
    ...others.map((tensor) => ({ name: tensor.name, from: [tensor], columns: tensor.shape.at(-1) ?? 0 })),
    ...[...single].map(([name, from]) => ({ name, from: complete(name, from), columns: from[0]?.shape.at(-1) ?? 0 })),
  ]
  return planned.map(({ name, from, columns }) => {
    const isQuantized = from.every((tensor) => isMatrix(name, tensor)) && columns % wish.groupSize === 0
    return { name, from, bits: isQuantized ? bitsOf(name, wish, layers) : null }
  })
}

function isMatrix(name: string, { dtype, shape }: ModelTensor): boolean {
  return name.endsWith('.weight') && FLOATS.includes(dtype) && shape.length >= 2 && !KEPT.test(name)
}

function complete<Tensor>(name: string, experts: readonly Tensor[]): readonly Tensor[] {
  // A list with gaps may be very long.
  if (Object.keys(experts).length === experts.length) return experts
  throw new AppError('model-damaged', `The model lacks some of the experts of ${name}: download it again.`, { tensor: name })
}

/** The bits of one matrix, as in mlx-lm's mixed recipes. */
function bitsOf(name: string, { bits, isMixed }: QuantizationWish, layers: number): number {
  if (!isMixed) return bits
  const more = MIXED_BITS[bits] ?? bits
  if (name.includes('lm_head')) return more
  const layer = Number(/(?:^|\.)layers\.(\d+)\./.exec(name)?.[1] ?? 0)
  const eighth = Math.floor(layers / 8)
  // JavaScript's remainder of a negative number is negative; such layers are among the first ones, which have more bits anyway.
  const decidesMore = layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2
  return decidesMore && /v_proj|v_a_proj|v_b_proj|down_proj/.test(name) ? more : bits
}

function refuseImpossible(tensors: readonly ModelTensor[], { bits, groupSize, isMixed }: QuantizationWish): void {
  const refuse = (message: string): never => {
    throw new AppError('invalid-request', message, { bits, groupSize })
  }
  if (![2, 3, 4, 5, 6, 8].includes(bits)) refuse(`A model cannot be quantized to ${bits} bits. Use 2, 3, 4, 5, 6 or 8.`)
  if (![32, 64, 128].includes(groupSize)) refuse(`A group cannot have ${groupSize} numbers. Use 32, 64 or 128.`)
  if (isMixed && MIXED_BITS[bits] === undefined) refuse(`A mix has 2, 3 or 4 bits, and 6 where it matters; ${bits} is none of these.`)
  const quantized = tensors.find(
    ({ name, dtype }) => QUANTIZED.includes(dtype) || /\.(scales|qweight|weight_packed|weight_scale(_inv)?)$/.test(name),
  )
  if (quantized)
    throw new AppError('quantization-unsupported', 'This model is quantized already. Take the original, in F16, BF16 or F32.', {
      tensor: quantized.name,
    })
  const fused = tensors.find(({ name, shape }) => shape.length === 3 && /experts/.test(name) && !name.endsWith('.weight'))
  if (fused)
    throw new AppError(
      'quantization-unsupported',
      `The experts of this model are stored together (${fused.name}). Take a build of mlx-community in BF16.`,
      { tensor: fused.name },
    )
}
