import type { MachineSensors } from '../../shared/hardware.ts'

export interface SensorValues {
  readonly gpuRatios: readonly number[]
  readonly watts: readonly number[]
  readonly celsius: readonly number[]
}

/** The busiest, the sum and the hottest, rounded so that small changes are not sent to all machines; null: nothing is known. */
export function toMachineSensors({ gpuRatios, watts, celsius }: SensorValues): MachineSensors | null {
  const known = (values: readonly number[]): readonly number[] => values.filter((value) => Number.isFinite(value))
  const [ratios, powers, heats] = [known(gpuRatios), known(watts).filter((value) => value >= 0), known(celsius).filter(isTemperature)]
  if (ratios.length + powers.length + heats.length === 0) return null
  const total = powers.reduce((sum, value) => sum + value, 0)
  return {
    ...(ratios.length > 0 ? { gpuRatio: Math.round(100 * Math.min(1, Math.max(0, ...ratios))) / 100 } : {}),
    ...(powers.length > 0 && total <= 100_000 ? { watts: Math.round(total) } : {}),
    ...(heats.length > 0 ? { celsius: Math.round(Math.max(...heats)) } : {}),
  }
}

/** Sensors that are not connected report values far outside of this. */
const isTemperature = (celsius: number): boolean => celsius > -50 && celsius < 150
