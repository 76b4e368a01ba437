import type { TinyModel } from './tiny-model.ts'
import {
  float8Value,
  type ModuleShape,
  packRows,
  type SmallFloatForm,
  SmallFloatModule,
  type StoredModule,
  words,
} from './small-float-module.ts'
import { bytesOf, type RawTensor, writeModel } from './write-model.ts'

type OrderedForm = 'gptq-ordered' | 'packed-ordered' | 'packed-ordered-with-zeros'
type IntegerForm = 'awq' | 'gptq' | 'gptq_v2' | 'gptq-8' | 'packed' | 'packed-with-zeros' | OrderedForm
export type ForeignForm = IntegerForm | 'fp8-blocks' | 'fp8-powers' | 'fp8-rows' | SmallFloatForm

const SIZES = { hidden: 128, intermediate: 256, layers: 2, heads: 4, headDim: 32, vocab: 200 } as const
const GROUP = 32
const BLOCK = [96, 128] as const
/** The place of each of eight outputs in AutoAWQ's words. */
const AWQ_PLACES = [0, 4, 1, 5, 2, 6, 3, 7] as const

/** A random llama whose layers are quantized in the layout of another program, and its twin in MLX's layout. */
export function makeForeignModel(form: ForeignForm): { readonly foreign: TinyModel; readonly twin: TinyModel } {
  const random = randomIntegers(7)
  const modules = modulesOf().map((module) => moduleIn(form, module, random))
  const plain = plainTensors(random)
  return {
    foreign: write([...plain, ...modules.flatMap((module) => module.foreign())], { quantization_config: configOf(form) }),
    twin: write([...plain, ...modules.flatMap((module) => module.twin())], {}),
  }
}

function moduleIn(form: ForeignForm, shape: ModuleShape, random: (bound: number) => number): StoredModule {
  if (isSmallFloat(form)) return new SmallFloatModule(shape, form, random)
  return form.startsWith('fp8') ? new FloatModule(shape, form, random) : new PackedModule(shape, form, random)
}

const isSmallFloat = (form: ForeignForm): form is SmallFloatForm => form.startsWith('nvfp4')

function configOf(form: ForeignForm): object {
  switch (form) {
    case 'nvfp4-packed':
      return { quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized' }
    case 'nvfp4-modelopt':
      return { quant_method: 'modelopt', quant_algo: 'NVFP4' }
    case 'gptq-ordered':
      return { quant_method: 'gptq', bits: 4, group_size: GROUP, desc_act: true, sym: false }
    case 'nvfp4':
    case 'nvfp4-global':
      return { group_size: 16, bits: 4, mode: 'nvfp4' }
    case 'awq':
      return { quant_method: 'awq', bits: 4, group_size: GROUP, version: 'gemm', zero_point: true }
    case 'gptq':
    case 'gptq-8':
      return { quant_method: 'gptq', bits: form === 'gptq' ? 4 : 8, group_size: GROUP, desc_act: false, sym: false }
    case 'gptq_v2':
      return { quant_method: 'gptq', bits: 4, group_size: GROUP, desc_act: false, checkpoint_format: 'gptq_v2' }
    case 'packed':
    case 'packed-with-zeros':
    case 'packed-ordered':
    case 'packed-ordered-with-zeros':
      return { quant_method: 'compressed-tensors', format: 'pack-quantized', config_groups: { group_0: { weights: { num_bits: 4 } } } }
    case 'fp8-blocks':
    case 'fp8-powers':
      return { quant_method: 'fp8', weight_block_size: BLOCK }
    case 'fp8-rows':
      return { quant_method: 'compressed-tensors', format: 'float-quantized' }
  }
}

function modulesOf(): ModuleShape[] {
  const { hidden, intermediate, layers } = SIZES
  return Array.from({ length: layers }, (_, layer) => `model.layers.${layer}.`).flatMap((prefix) => [
    ...['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => ({ name: `${prefix}self_attn.${name}`, outputs: hidden, inputs: hidden })),
    ...['gate_proj', 'up_proj'].map((name) => ({ name: `${prefix}mlp.${name}`, outputs: intermediate, inputs: hidden })),
    { name: `${prefix}mlp.down_proj`, outputs: hidden, inputs: intermediate },
  ])
}

/** Integers below a bound, the same for the same seed. */
function randomIntegers(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

function plainTensors(random: (bound: number) => number): RawTensor[] {
  const { hidden, layers, vocab } = SIZES
  const floats = (name: string, shape: readonly number[], of: () => number): RawTensor => ({
    ...{ name, dtype: 'F32', shape },
    bytes: bytesOf(Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, of)),
  })
  const norms = Array.from({ length: layers }, (_, layer) =>
    ['input_layernorm', 'post_attention_layernorm'].map((norm) => `model.layers.${layer}.${norm}`),
  )
  return [
    floats('model.embed_tokens.weight', [vocab, hidden], () => (random(2000) - 1000) / 4000),
    floats('lm_head.weight', [vocab, hidden], () => (random(2000) - 1000) / 4000),
    ...[...norms.flat(), 'model.norm'].map((name) => floats(`${name}.weight`, [hidden], () => 1)),
  ]
}

function swap(numbers: number[], first: number, second: number): void {
  const [one = 0, other = 0] = [numbers[first], numbers[second]]
  numbers[first] = other
  numbers[second] = one
}

/** Numbers of 4 or 8 bits with a scale and a zero point per group. All products are exact in float16. */
class PackedModule implements StoredModule {
  readonly #shape: ModuleShape
  readonly #form: ForeignForm
  readonly #bits: number
  /** [outputs][inputs], [outputs][groups], [outputs][groups] */
  readonly #numbers: number[][]
  readonly #scales: number[][]
  readonly #zeros: number[][]
  /** The group of each input. */
  readonly #order: number[]

  constructor(shape: ModuleShape, form: ForeignForm, random: (bound: number) => number) {
    const { outputs, inputs } = shape
    this.#shape = shape
    this.#form = form
    this.#bits = form === 'gptq-8' ? 8 : 4
    const middle = 1 << (this.#bits - 1)
    const matrix = (columns: number, of: () => number): number[][] =>
      Array.from({ length: outputs }, () => Array.from({ length: columns }, of))
    this.#numbers = matrix(inputs, () => random(1 << this.#bits))
    this.#scales = matrix(inputs / GROUP, () => (1 + random(7)) / (form === 'gptq-8' ? 8192 : 512))
    const isSymmetric = form === 'packed' || form === 'packed-ordered'
    this.#zeros = matrix(inputs / GROUP, () => (isSymmetric ? middle : middle - 4 + random(8)))
    this.#order = Array.from({ length: inputs }, (_, column) => Math.floor(column / GROUP))
    if (form.includes('ordered')) for (const column of this.#order.keys()) swap(this.#order, column, random(inputs))
  }

  twin(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    const groups = inputs / GROUP
    if (this.#form.includes('ordered')) {
      const values = this.#numbers.flatMap((row, output) =>
        row.map((number, column) => {
          const group = this.#order[column] ?? 0
          return (number - (this.#zeros[output]?.[group] ?? 0)) * (this.#scales[output]?.[group] ?? 0)
        }),
      )
      return [{ name: `${name}.weight`, dtype: 'F32', shape: [outputs, inputs], bytes: bytesOf(Float32Array.from(values)) }]
    }
    return [
      words(`${name}.weight`, 'U32', packRows(this.#numbers, this.#bits)),
      halves(`${name}.scales`, [outputs, groups], this.#scales.flat()),
      halves(
        `${name}.biases`,
        [outputs, groups],
        this.#scales.flatMap((row, output) => row.map((scale, group) => -scale * (this.#zeros[output]?.[group] ?? 0))),
      ),
    ]
  }

  foreign(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    const groups = inputs / GROUP
    if (this.#form.startsWith('packed')) {
      return [
        words(`${name}.weight_packed`, 'I32', packRows(this.#numbers, this.#bits)),
        halves(`${name}.weight_scale`, [outputs, groups], this.#scales.flat()),
        { name: `${name}.weight_shape`, dtype: 'I64', shape: [2], bytes: bytesOf(BigInt64Array.from([outputs, inputs].map(BigInt))) },
        ...(this.#form.includes('ordered')
          ? [{ name: `${name}.weight_g_idx`, dtype: 'I32', shape: [inputs], bytes: bytesOf(Int32Array.from(this.#order)) }]
          : []),
        ...(!this.#form.endsWith('zeros')
          ? []
          : [words(`${name}.weight_zero_point`, 'I32', transpose(packRows(transpose(this.#zeros), this.#bits)))]),
      ]
    }
    const scales = halves(`${name}.scales`, [groups, outputs], transpose(this.#scales).flat())
    if (this.#form === 'awq') {
      return [
        words(`${name}.qweight`, 'I32', packRows(transpose(this.#numbers).map(inAwqOrder), 4)),
        words(`${name}.qzeros`, 'I32', packRows(transpose(this.#zeros).map(inAwqOrder), 4)),
        scales,
      ]
    }
    const offset = this.#form === 'gptq_v2' ? 0 : 1
    return [
      words(`${name}.qweight`, 'I32', transpose(packRows(this.#numbers, this.#bits))),
      words(
        `${name}.qzeros`,
        'I32',
        packRows(
          transpose(this.#zeros).map((row) => row.map((zero) => zero - offset)),
          this.#bits,
        ),
      ),
      scales,
      {
        name: `${name}.g_idx`,
        dtype: 'I32',
        shape: [inputs],
        bytes: bytesOf(Int32Array.from(this.#order)),
      },
    ]
  }
}

/** 8-bit floats with a scale per block or row; the twin holds their values. */
class FloatModule implements StoredModule {
  readonly #shape: ModuleShape
  readonly #block: readonly [number, number]
  readonly #bytes: number[]
  readonly #scales: number[][]
  readonly #isBlocks: boolean
  readonly #arePowers: boolean

  constructor(shape: ModuleShape, form: ForeignForm, random: (bound: number) => number) {
    this.#shape = shape
    this.#isBlocks = form !== 'fp8-rows'
    this.#arePowers = form === 'fp8-powers'
    this.#block = this.#isBlocks ? BLOCK : [1, shape.inputs]
    // Magnitudes below 2, so that no number is far above the others.
    this.#bytes = Array.from({ length: shape.outputs * shape.inputs }, () => random(64) + 128 * random(2))
    this.#scales = Array.from({ length: Math.ceil(shape.outputs / this.#block[0]) }, () =>
      Array.from({ length: Math.ceil(shape.inputs / this.#block[1]) }, () =>
        this.#arePowers ? 2 ** (random(3) - 6) : (1 + random(9)) / 128,
      ),
    )
  }

  foreign(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    return [
      { name: `${name}.weight`, dtype: 'F8_E4M3', shape: [outputs, inputs], bytes: Uint8Array.from(this.#bytes) },
      {
        ...{ name: `${name}.${this.#isBlocks ? 'weight_scale_inv' : 'weight_scale'}`, dtype: this.#arePowers ? 'F8_E8M0' : 'F32' },
        shape: [this.#scales.length, this.#scales[0]?.length ?? 0],
        bytes: this.#arePowers
          ? Uint8Array.from(this.#scales.flat(), (scale) => Math.log2(scale) + 127)
          : bytesOf(Float32Array.from(this.#scales.flat())),
      },
    ]
  }

  twin(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    const values = this.#bytes.map((byte, index) => {
      const [row, column] = [Math.floor(index / inputs), index % inputs]
      return float8Value(byte) * (this.#scales[Math.floor(row / this.#block[0])]?.[Math.floor(column / this.#block[1])] ?? 0)
    })
    return [{ name: `${name}.weight`, dtype: 'F32', shape: [outputs, inputs], bytes: bytesOf(Float32Array.from(values)) }]
  }
}

const transpose = (rows: readonly (readonly number[])[]): number[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? 0))
/** The numbers of each word, so that packing them in order gives AutoAWQ's words. */
function inAwqOrder(row: readonly number[]): number[] {
  const placed = new Array<number>(row.length)
  row.forEach((number, index) => (placed[index - (index % 8) + (AWQ_PLACES[index % 8] ?? 0)] = number))
  return placed
}

/** Float16 of numbers that it holds exactly. */
const halves = (name: string, shape: readonly number[], values: readonly number[]): RawTensor => ({
  ...{ name, dtype: 'F16', shape },
  bytes: bytesOf(
    Uint16Array.from(values, (value) => {
      if (value === 0) return 0
      const exponent = Math.floor(Math.log2(Math.abs(value)))
      return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + (Math.abs(value) / 2 ** exponent - 1) * 1024
    }),
  ),
})

function write(tensors: readonly RawTensor[], config: object): TinyModel {
  const { hidden, intermediate, layers, heads, headDim, vocab } = SIZES
  const sizes = { hidden_size: hidden, intermediate_size: intermediate, num_hidden_layers: layers, num_attention_heads: heads }
  const rest = { head_dim: headDim, vocab_size: vocab, rms_norm_eps: 1e-5, rope_theta: 10000, tie_word_embeddings: false }
  return writeModel(tensors, { model_type: 'llama', ...sizes, ...rest, ...config })
}
