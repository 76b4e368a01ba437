import { z } from 'zod'
import { NativeError } from '../../native-error.ts'
import type { RopePlan } from '../../plan/decoder-plan.ts'
import { planRope, RopeScaling } from '../../plan/rope-plan.ts'

/** `rope_parameters` or `rope_scaling`: for all layers, or one for each kind of layer. */
const RopeBlock = RopeScaling.extend({ full_attention: RopeScaling.optional(), sliding_attention: RopeScaling.optional() })
type RopeBlock = z.infer<typeof RopeBlock>

/** The keys of config.json on rotary positions, in all the places where they may stand. */
export const RopeConfig = z.object({
  rope_theta: z.number().gt(0).nullish(),
  /** Of layers with a window (Gemma). */
  rope_local_base_freq: z.number().gt(0).nullish(),
  rope_traditional: z.boolean().nullish(),
  rope_scaling: RopeBlock.nullish(),
  /** Newer configs keep theta and scaling here. */
  rope_parameters: RopeBlock.nullish(),
  partial_rotary_factor: z.number().gt(0).max(1).nullish(),
  max_position_embeddings: z.number().gt(0).nullish(),
  original_max_position_embeddings: z.number().gt(0).nullish(),
})
export type RopeConfig = z.infer<typeof RopeConfig>

export interface RopeSettings {
  readonly theta: number
  readonly scaling: RopeScaling | null
  /** Which part of a head turns; null: config.json does not say. */
  readonly turnedPart: number | null
}

/**
 * Theta and scaling of all layers, or of those with a window, wherever the config keeps them.
 * @throws NativeError `model-unsupported` for a block that it does not know
 */
export function ropeOf(
  config: RopeConfig,
  defaultTheta: number,
  kind: 'full_attention' | 'sliding_attention' = 'full_attention',
): RopeSettings {
  const blocks = [config.rope_scaling, config.rope_parameters].filter((block) => block != null)
  for (const block of blocks) refuseUnknownBlocks(block)
  // An empty one, or one that keeps theta alone, scales nothing; another may.
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

/** The rotations of a family whose heads turn whole: of all layers, and of those with a window where config.json gives them their own. */
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

/** @throws NativeError `model-unsupported` where only a part of each head turns */
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
