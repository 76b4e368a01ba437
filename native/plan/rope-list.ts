import type { RopePlan } from './decoder-plan.ts'

/** No rotary positions. */
export const NO_ROPE: RopePlan = { inverseFrequencies: new Float32Array(0), positionScale: 1, magnitude: 1, isInterleaved: false }

/** The distinct rotations of a decoder, which layers refer to by index. */
export class RopeList {
  readonly plans: RopePlan[]

  constructor(plans: readonly RopePlan[]) {
    this.plans = [...plans]
  }

  /** @param rope - null: no rotary positions */
  indexOf(rope: RopePlan | null): number {
    const wanted = rope ?? NO_ROPE
    const found = this.plans.findIndex((known) => known === wanted || isSame(known, wanted))
    return found >= 0 ? found : this.plans.push(wanted) - 1
  }
}

function isSame(a: RopePlan, b: RopePlan): boolean {
  if (a.positionScale !== b.positionScale || a.magnitude !== b.magnitude || a.isInterleaved !== b.isInterleaved) return false
  return (
    a.inverseFrequencies.length === b.inverseFrequencies.length &&
    a.inverseFrequencies.every((frequency, pair) => frequency === b.inverseFrequencies[pair])
  )
}
