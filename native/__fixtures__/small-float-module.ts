import { bytesOf, type RawTensor } from './write-model.ts'

export type SmallFloatForm = 'nvfp4' | 'nvfp4-global' | 'nvfp4-packed' | 'nvfp4-modelopt'

export interface StoredModule {
  foreign(): RawTensor[]
  twin(): RawTensor[]
}

export interface ModuleShape {
  readonly name: string
  readonly outputs: number
  readonly inputs: number
}

export const packRows = (rows: readonly (readonly number[])[], bits: number): number[][] =>
  rows.map((row) =>
    Array.from({ length: (row.length * bits) / 32 }, (_, word) =>
      Array.from({ length: 32 / bits }, (_unused, place) => (row[(word * 32) / bits + place] ?? 0) * 2 ** (place * bits)).reduce(
        (sum, part) => sum + part,
        0,
      ),
    ),
  )

export const words = (name: string, dtype: 'U32' | 'I32', rows: readonly (readonly number[])[]): RawTensor => ({
  ...{ name, dtype, shape: [rows.length, rows[0]?.length ?? 0] },
  bytes: bytesOf(Uint32Array.from(rows.flat())),
})

export function float8Value(byte: number): number {
  const [exponent, mantissa] = [(byte >> 3) & 15, byte & 7]
  const magnitude = exponent === 0 ? mantissa * 2 ** -9 : (8 + mantissa) * 2 ** (exponent - 10)
  return byte >= 128 ? -magnitude : magnitude
}

/** What multiplies all values of a tensor, and what each program stores of it. */
const TENSOR_FACTOR = 0.75
const TENSOR_SCALES: Readonly<Partial<Record<SmallFloatForm, number>>> = {
  'nvfp4-global': TENSOR_FACTOR * 448 * 6,
  'nvfp4-packed': 1 / TENSOR_FACTOR,
  'nvfp4-modelopt': TENSOR_FACTOR,
}

/** nvfp4: 4-bit floats with an 8-bit float per 16 of them, and perhaps one for all; the twin holds their values. */
export class SmallFloatModule implements StoredModule {
  readonly #shape: ModuleShape
  readonly #form: SmallFloatForm
  readonly #numbers: number[][]
  readonly #scales: number[][]

  constructor(shape: ModuleShape, form: SmallFloatForm, random: (bound: number) => number) {
    this.#shape = shape
    this.#form = form
    const matrix = (columns: number, of: () => number): number[][] =>
      Array.from({ length: shape.outputs }, () => Array.from({ length: columns }, of))
    this.#numbers = matrix(shape.inputs, () => random(16))
    this.#scales = matrix(shape.inputs / 16, () => 1 + random(24))
  }

  foreign(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    const isOfMlx = this.#form === 'nvfp4' || this.#form === 'nvfp4-global'
    const packed = words(`${name}.${this.#form === 'nvfp4-packed' ? 'weight_packed' : 'weight'}`, 'U32', packRows(this.#numbers, 4))
    const scales = { shape: [outputs, inputs / 16], bytes: Uint8Array.from(this.#scales.flat()) }
    const whole = TENSOR_SCALES[this.#form]
    const wholeName = { 'nvfp4-packed': 'weight_global_scale', 'nvfp4-modelopt': 'weight_scale_2' }[this.#form as string] ?? 'global_scale'
    return [
      isOfMlx ? packed : { ...packed, dtype: 'U8', shape: [outputs, inputs / 2] },
      { ...scales, name: `${name}.${isOfMlx ? 'scales' : 'weight_scale'}`, dtype: isOfMlx ? 'U8' : 'F8_E4M3' },
      ...(whole === undefined
        ? []
        : [
            {
              ...{ name: `${name}.${wholeName}`, dtype: 'F32', shape: this.#form === 'nvfp4-packed' ? [1] : [] },
              bytes: bytesOf(Float32Array.of(whole)),
            },
          ]),
    ]
  }

  twin(): RawTensor[] {
    const { name, outputs, inputs } = this.#shape
    const magnitudes = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    const values = this.#numbers.flatMap((row, output) =>
      row.map((number, column) => {
        const magnitude = (magnitudes[number % 8] ?? 0) * float8Value(this.#scales[output]?.[Math.floor(column / 16)] ?? 0)
        const value = TENSOR_SCALES[this.#form] === undefined ? magnitude : magnitude * TENSOR_FACTOR
        return number < 8 ? value : -value
      }),
    )
    return [{ name: `${name}.weight`, dtype: 'F32', shape: [outputs, inputs], bytes: bytesOf(Float32Array.from(values)) }]
  }
}
