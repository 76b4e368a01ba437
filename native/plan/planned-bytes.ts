import type { DecoderPlan, TensorSource } from './decoder-plan.ts'

const STORED_BYTES = { F32: 4, F16: 2, BF16: 2, U32: 4, U8: 1 } as const

/** Every tensor part of a plan, wherever it lies in it. */
function tensorsOf(value: unknown): TensorSource[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  if ('offsetBytes' in value) return [value as TensorSource]
  return Object.values(value).flatMap(tensorsOf)
}

/** Bytes of the files that loading a plan reads. */
export function plannedBytes(plan: DecoderPlan): number {
  const bytes = ({ type, rowRange, columnRange }: TensorSource) => (rowRange.end - rowRange.start) * (columnRange.end - columnRange.start) * STORED_BYTES[type]
  return tensorsOf(plan).reduce((sum, tensor) => sum + bytes(tensor), 0)
}
