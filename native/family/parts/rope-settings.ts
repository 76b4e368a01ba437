import { z } from 'zod'
import { NativeError } from '../../native-error.ts'
import type { RopePlan } from '../../plan/decoder-plan.ts'
import { planRope, RopeScaling } from '../../plan/rope-plan.ts'

/** `rope_parameters` or `rope_scaling`, for all layers or separately for each kind of layer. */
const RopeBlock = RopeScaling.extend({ full_attention: RopeScaling.optional(), sliding_attention: RopeScaling.optional() })
type RopeBlock = z.infer<typeof RopeBlock>

/** The keys of config.json for rotary positions, in all their possible places. */
export const RopeConfig = z.object({
  rope_theta: z.number().gt(0).nullish(),
  /** The theta of windowed layers (Gemma). */
  rope_local_base_freq: z.number().gt(0).nullish(),
  rope_traditional: z.boolean().nullish(),
  rope_scaling: RopeBlock.nullish(),
  /** Newer configs have theta and scaling here. */
  rope_parameters: RopeBlock.nullish(),
  partial_rotary_factor: z.number().gt(0).max(1).nullish(),
  max_position_embeddings: z.number().gt(0).nullish(),
  original_max_position_embeddings: z.number().gt(0).nullish(),
})
export type RopeConfig = z.infer<typeof RopeConfig>

export interface RopeSettings {
  readonly theta: number
  readonly scaling: RopeScaling | null
  /** The ratio of a head with rotary positions; null: config.json does not specify it. */
  readonly turnedPart: number | null
}

/**
 * Finds the theta and scaling of all layers, or of the windowed layers, in any of their possible places.
 * @throws NativeError `model-unsupported` for an unknown block
 */
export function ropeOf(
  config: RopeConfig,
  defaultTheta: number,
  kind: 'full_attention' | 'sliding_attention' = 'full_attention',
): RopeSettings {
  const blocks = [config.rope_scaling, config.rope_parameters].filter((block) => block != null)
  for (const block of blocks) refuseUnknownBlocks(block)
  // A block that is empty or contains only theta has no scaling; another block may have it.
  const ofKind = blocks.map((block) => (isByKind(block) ? block[kind] : block)).filter((block) => block !== undefined)
  const scaling = ofKind.find((block) => (block.type ?? block.rope_type ?? 'default') !== 'default') ?? ofKind[0] ?? null
  const stated = ofKind.find((block) => block.rope_theta !== undefined)?.rope_theta
  const isStatedByKind = blocks.some((block) => isByKind(block) && block[kind]?.rope_theta !== undefined)
  const lengths = {
    ...(config.max_position_embeddings != null && { max_position_embeddings: config.max_position_embeddings }),
    ...(config.original_max_position_embeddings != null && { original_max_position_embeddings: config.original_max_position_embeddings }),
  }
  return {
    theta: (isStatedByKind ? stated : (config.rope_theta ?? stated)) ?? defaultTheta,
    scaling: scaling && { ...lengths, ...scaling },
    turnedPart:
      config.partial_rotary_factor ?? ofKind.find((block) => block.partial_rotary_factor !== undefined)?.partial_rotary_factor ?? null,
  }
}

/** The rotations of a family with rotary positions on whole heads: for all layers, and for windowed layers if they have their own. */
export function planRopes(
  config: RopeConfig,
  defaultTheta: number,
  { dims, isInterleaved }: { readonly dims: number; readonly isInterleaved: boolean },
): { rope: RopePlan; windowRope: RopePlan | null } {
  const whole = ropeOf(config, defaultTheta)
  const hasOwn = [config.rope_scaling, config.rope_parameters].some((block) => block?.sliding_attention !== undefined)
  const windowed = hasOwn ? ropeOf(config, defaultTheta, 'sliding_attention') : null
  const plan = (settings: RopeSettings): RopePlan => planWholeHeads(settings, { dims, isInterleaved })
  return { rope: plan(whole), windowRope: windowed && plan(windowed) }
}

/** @throws NativeError `model-unsupported` if only a part of each head has rotary positions */
export function planWholeHeads(
  { theta, scaling, turnedPart }: RopeSettings,
  heads: { readonly dims: number; readonly isInterleaved: boolean },
): RopePlan {
  if ((turnedPart ?? 1) !== 1)
    throw new NativeError(
      'model-unsupported',
      `config.json: a partial_rotary_factor of ${turnedPart} is not supported in models of this family.`,
      { key: 'partial_rotary_factor', value: turnedPart },
    )
  return planRope({ theta, scaling, ...heads })
}

function isByKind(block: RopeBlock): boolean {
  return block.full_attention !== undefined || block.sliding_attention !== undefined
}

function refuseUnknownBlocks(block: RopeBlock): void {
  const unknown = Object.entries(block).find(
    ([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && key !== 'full_attention' && key !== 'sliding_attention',
  )
  if (unknown)
    throw new NativeError('model-unsupported', `config.json: rotary positions for ${unknown[0]} are not supported.`, { key: unknown[0] })
}
