import { z } from 'zod'
import { NativeError } from '../native-error.ts'
import type { RopePlan } from './decoder-plan.ts'

/** `rope_scaling` (or `rope_parameters`) of config.json. */
export const RopeScaling = z.looseObject({
  type: z.string().optional(),
  rope_type: z.string().optional(),
  rope_theta: z.number().gt(0).optional(),
  partial_rotary_factor: z.number().gt(0).max(1).optional(),
  factor: z.number().gt(0).optional(),
  low_freq_factor: z.number().gt(0).optional(),
  high_freq_factor: z.number().gt(0).optional(),
  original_max_position_embeddings: z.number().gt(0).optional(),
  beta_fast: z.number().optional(),
  beta_slow: z.number().optional(),
  mscale: z.number().optional(),
  mscale_all_dim: z.number().optional(),
  /** The factor on queries and keys, which replaces the result of the kind's formula. */
  attention_factor: z.number().gt(0).optional(),
  /** One factor for all pairs, or one for each pair. */
  long_factor: z.union([z.number().gt(0), z.array(z.number().gt(0))]).optional(),
  /** The same for longrope, of contexts beyond the original length. */
  long_mscale: z.number().gt(0).optional(),
  max_position_embeddings: z.number().gt(0).optional(),
})
export type RopeScaling = z.infer<typeof RopeScaling>

interface RopeSettings {
  readonly theta: number
  readonly scaling: RopeScaling | null
  /** The number of rotated dimensions of a head. */
  readonly dims: number
  readonly isInterleaved: boolean
}

/**
 * Computes the frequencies of rotary positions like mlx-lm, for each kind of scaling.
 * @throws NativeError `model-unsupported` for an unknown kind; `model-damaged` if the kind's factor is missing
 */
export function planRope({ theta, scaling, dims, isInterleaved }: RopeSettings): RopePlan {
  const kind = scaling?.type ?? scaling?.rope_type ?? 'default'
  // Wavelengths divided by 2 pi, theta^(2i/dims). A frequency is the inverse of a length.
  const lengths = Array.from({ length: Math.floor(dims / 2) }, (_, pair) => theta ** ((2 * pair) / dims))
  const plan = (scaledLengths: readonly number[], changed: Partial<RopePlan> = {}): RopePlan => ({
    inverseFrequencies: Float32Array.from(scaledLengths, (length) => 1 / length),
    positionScale: 1,
    magnitude: 1,
    isInterleaved,
    ...changed,
  })
  switch (kind) {
    case 'default':
    case 'mrope':
    case 'dynamic': // scales only positions beyond max_position_embeddings, which a context never reaches
      return plan(lengths)
    case 'proportional':
      return plan(proportionalLengths(lengths, scaling ?? {}, dims))
    case 'linear':
      return plan(lengths, { positionScale: 1 / factorOf(scaling) })
    case 'llama3':
      return plan(lengths.map((length) => llama3Length(length, scaling ?? {})))
    case 'su':
    case 'longrope':
      return planLong(lengths, scaling ?? {}, plan)
    case 'yarn':
    case 'deepseek_yarn':
    case 'telechat3-yarn':
      return planYarn(theta, dims, lengths, scaling ?? {}, plan)
    default:
      throw new NativeError('model-unsupported', `Rotary positions of the kind ${kind} are not supported.`, { ropeType: kind })
  }
}

/** Rotates only the first part of the pairs; the others have frequency 0. */
function proportionalLengths(lengths: readonly number[], { partial_rotary_factor: part = 1, factor = 1 }: RopeScaling, dims: number) {
  const rotated = Math.ceil(Math.floor(dims * part) / 2)
  return lengths.map((length, pair) => (pair < rotated ? length * factor : Number.POSITIVE_INFINITY))
}

function factorOf(scaling: RopeScaling | null): number {
  if (scaling?.factor === undefined) throw new NativeError('model-damaged', 'config.json: rope_scaling has no factor.')
  return scaling.factor
}

/** Stretches long wavelengths by the factor, keeps short ones, and blends those in between. */
function llama3Length(length: number, scaling: RopeScaling): number {
  const factor = factorOf(scaling)
  const { low_freq_factor: low = 1, high_freq_factor: high = 4, original_max_position_embeddings: context = 8192 } = scaling
  const wavelength = 2 * Math.PI * length
  if (wavelength > context / low) return length * factor
  if (wavelength <= context / high) return length
  const smooth = (context / wavelength - low) / (high - low)
  if (wavelength === context / low) return length
  return length / ((1 - smooth) / factor + smooth)
}

/** Applies the factors for long contexts at every position, like mlx-lm. */
function planLong(
  lengths: readonly number[],
  scaling: RopeScaling,
  plan: (lengths: readonly number[], options: { magnitude: number; isInterleaved: boolean }) => RopePlan,
): RopePlan {
  const { long_factor: factor, max_position_embeddings: longest = 131_072, original_max_position_embeddings: context = 4096 } = scaling
  const factors = typeof factor === 'number' ? lengths.map(() => factor) : factor
  if (factors?.length !== lengths.length) {
    throw new NativeError(
      'model-damaged',
      `config.json: rope_scaling needs a long_factor of ${lengths.length} numbers, but has ${factors ? factors.length : 'none'}.`,
    )
  }
  const stretch = longest / context
  const magnitude =
    scaling.long_mscale ?? scaling.attention_factor ?? (stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(context)))
  return plan(
    lengths.map((length, pair) => length * (factors[pair] as number)),
    { magnitude, isInterleaved: false },
  )
}

function planYarn(
  theta: number,
  dims: number,
  lengths: readonly number[],
  scaling: RopeScaling,
  plan: (lengths: readonly number[], options: { magnitude: number }) => RopePlan,
): RopePlan {
  const factor = factorOf(scaling)
  const {
    original_max_position_embeddings: context = 4096,
    beta_fast: fast = 32,
    beta_slow: slow = 1,
    mscale = 1,
    mscale_all_dim: mscaleAllDim = 0,
  } = scaling
  const correctionDim = (rotations: number) => (dims * Math.log(context / (rotations * 2 * Math.PI))) / (2 * Math.log(theta))
  const low = Math.max(Math.floor(correctionDim(fast)), 0)
  const high = Math.min(Math.ceil(correctionDim(slow)), dims - 1)
  const span = low === high ? 0.001 : high - low
  const scaled = lengths.map((length, pair) => {
    const kept = 1 - Math.min(1, Math.max(0, (pair - low) / span))
    const stretched = factor * length
    return (stretched * length) / (stretched * kept + length * (1 - kept))
  })
  return plan(scaled, { magnitude: scaling.attention_factor ?? yarnMagnitude(scaling, mscale) / yarnMagnitude(scaling, mscaleAllDim) })
}

/** The factor by which yarn enlarges queries and keys, for the weight `mscale` or `mscale_all_dim`. */
export function yarnMagnitude(scaling: RopeScaling, weight: number): number {
  const factor = factorOf(scaling)
  return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1
}
