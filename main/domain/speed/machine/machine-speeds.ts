import type { MachineSpeed } from '../../../shared/speed/machine-speed.ts'
import { type Chip, type ChipFacts, chipsOf } from './chips.ts'

/** The share of the stated bandwidth that kernels reach. Two dies share the memory less evenly. */
const REACHED_BANDWIDTH = { 1: 0.9, 2: 0.84 } as const
/** The share of the stated operations that large matrices reach. */
const REACHED_FLOPS = 0.78

/** The speeds that a machine may have; the true one is among or between them. */
export interface MachineSpeeds {
  readonly basis: 'measured' | 'chips'
  /** Not empty. */
  readonly candidates: readonly MachineSpeed[]
}

export interface SpeedFacts extends ChipFacts {
  readonly speed?: MachineSpeed | undefined
}

/** What a machine measured, or what its chip suggests; null: it has neither. */
export function machineSpeeds(facts: SpeedFacts): MachineSpeeds | null {
  if (facts.speed) return { basis: 'measured', candidates: [facts.speed] }
  const chips = chipsOf(facts)
  return chips.length === 0 ? null : { basis: 'chips', candidates: chips.map(speedOfChip) }
}

export function speedOfChip({ bytesPerSecond, flopsPerSecond, layerSeconds, dies }: Chip): MachineSpeed {
  return { bytesPerSecond: bytesPerSecond * REACHED_BANDWIDTH[dies], flopsPerSecond: flopsPerSecond * REACHED_FLOPS, layerSeconds }
}
