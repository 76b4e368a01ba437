import type { StoredType } from '../../plan/decoder-plan.ts'
import type { StoredTensor } from '../tensor-catalog.ts'
import { floatType, type ForeignModule, NO_NUMBERS } from './foreign-module.ts'

const WORD_BYTES = 4

/**
 * The experts of the original gpt-oss: `gate_up_proj_blocks` [experts, rows, groups, 16], with the rows of gate and up in
 * turns, and `down_proj_blocks`. The numbers themselves lie as in MLX.
 */
export function fromExpertBlocks(module: ForeignModule): StoredTensor[] {
  const { shape } = module.tensor
  const kind = module.kind.replace(/_blocks$/, '')
  const [scales, bias] = [module.get(`${kind}_scales`), module.get(`${kind}_bias`)]
  const [experts = 0, rows = 0, groups = 0, bytes = 0] = shape
  if (shape.length !== 4 || bytes !== 16 || module.tensor.type !== 'U8' || scales.type !== 'U8') throw module.damaged()
  if (scales.shape.join() !== [experts, rows, groups].join() || bias.shape.join() !== [experts, rows].join()) throw module.damaged()
  const words = (groups * bytes) / WORD_BYTES
  const type = floatType(bias)
  if (kind === 'down_proj') {
    const name = `${module.name}.down_proj`
    return [
      { ...module.tensor, name: `${name}.weight`, type: 'U32', shape: [experts, rows, words] },
      { ...scales, name: `${name}.scales` },
      { ...bias, name: `${name}.bias` },
    ]
  }
  if (kind !== 'gate_up_proj' || rows % 2 !== 0) throw module.damaged()
  return ['gate_proj', 'up_proj'].flatMap((half, firstRow) => {
    const everySecond = ({ file, offsetBytes }: StoredTensor, part: string, of: StoredType, columns: number): StoredTensor => ({
      ...{ name: `${module.name}.${half}.${part}`, file, offsetBytes, type: of },
      shape: part === 'bias' ? [experts, rows / 2] : [experts, rows / 2, columns],
      form: {
        kind: part === 'bias' ? 'elements' : 'rows',
        from: [{ file, offsetBytes, type: of, rows: experts * rows, columns }],
        ...{ ...NO_NUMBERS, firstRow, rowStride: 2 },
      },
    })
    return [
      everySecond(module.tensor, 'weight', 'U32', words),
      everySecond(scales, 'scales', 'U8', groups),
      everySecond(bias, 'bias', type, 1),
    ]
  })
}
