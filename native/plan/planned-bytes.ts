import { ELEMENT_BYTES } from '../../main/shared/models/element-bytes.ts'
import type { DecoderPlan, EncoderPlan, TensorSource } from './decoder-plan.ts'

/** Every tensor part in a plan, at any depth. */
function tensorsOf(value: unknown): TensorSource[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  if ('offsetBytes' in value) return [value as TensorSource]
  return Object.values(value).flatMap(tensorsOf)
}

/** The bytes that are read from files to load a part of a plan. */
export function tensorBytes(part: unknown): number {
  const bytes = ({ type, rowRange, columnRange }: TensorSource) =>
    (rowRange.end - rowRange.start) * (columnRange.end - columnRange.start) * (ELEMENT_BYTES[type] as number)
  return tensorsOf(part).reduce((sum, tensor) => sum + bytes(tensor), 0)
}

/** The bytes that are read from files to load a model. */
export function plannedBytes(plans: { readonly decoder: DecoderPlan | null; readonly encoder: EncoderPlan | null }): number {
  return tensorBytes(plans)
}
