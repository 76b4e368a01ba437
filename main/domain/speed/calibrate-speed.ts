import type { MachineSpeed } from '../../shared/speed/machine-speed.ts'
import type { ModelCard } from '../../shared/models/model-card.ts'
import { MLX_TRAITS } from './engine-traits.ts'
import { kvBytesAt, type ModelWork, modelWork } from './model-work.ts'
import { decodeSeconds, promptSeconds, type SpeedGroup } from './step-seconds.ts'

/** What one machine did with a whole model. */
export interface SpeedMeasurement {
  readonly decodeTokensPerSecond: number
  /** The average length of the context meanwhile. */
  readonly contextTokens: number
  readonly prefillTokensPerSecond: number
  readonly promptTokens: number
}

/** Without a known chip: the share of a step that starts kernels instead of reading memory. */
const STARTING_SHARE = 0.2
const LEAST_FLOPS = 1e7
const MOST_FLOPS = 1e17
const BISECTIONS = 60

/**
 * The speed of a machine with which the forecast equals a measurement.
 *
 * @param guess - the speed of its chip, which sets the ratio of reading memory to starting kernels; null: unknown
 */
export function calibrateSpeed(card: ModelCard, measured: SpeedMeasurement, guess: MachineSpeed | null): MachineSpeed {
  const work = modelWork(card)
  const start = guess ?? guessFor(work, measured.contextTokens)
  const factor = 1 / measured.decodeTokensPerSecond / decodeSeconds(alone(work, start), measured.contextTokens)
  const scaled = { ...start, bytesPerSecond: start.bytesPerSecond / factor, layerSeconds: start.layerSeconds * factor }
  return { ...scaled, flopsPerSecond: flopsFor(work, measured, scaled) }
}

function flopsFor(work: ModelWork, { prefillTokensPerSecond, promptTokens }: SpeedMeasurement, speed: MachineSpeed): number {
  const wantedSeconds = promptTokens / prefillTokensPerSecond
  let [low, high] = [Math.log(LEAST_FLOPS), Math.log(MOST_FLOPS)]
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2
    if (promptSeconds(alone(work, { ...speed, flopsPerSecond: Math.exp(middle) }), promptTokens) > wantedSeconds) low = middle
    else high = middle
  }
  return Math.exp(high)
}

function guessFor(work: ModelWork, contextTokens: number): MachineSpeed {
  const bytesPerSecond = 1e11
  const readSeconds = (work.plainBytes + work.expertBytes + work.headBytes + kvBytesAt(work, contextTokens)) / bytesPerSecond
  return { bytesPerSecond, flopsPerSecond: 1e13, layerSeconds: (readSeconds * STARTING_SHARE) / (1 - STARTING_SHARE) / work.layers }
}

function alone(work: ModelWork, speed: MachineSpeed): SpeedGroup {
  return { work, strategy: 'pipeline', ranks: [{ speed, layers: work.layers }], path: null, traits: MLX_TRAITS }
}
