import { z } from 'zod'
import { denseFeedForward, gated, type FeedForwardDescription, type RouterDescription } from './feed-forward.ts'
import { requireSupported } from './require-supported.ts'
import { plainRouter, SINGLE_EXPERTS } from './router.ts'

/** The keys of config.json for experts, introduced by DeepSeek V3 and adopted by other families. */
export const GroupedExpertsConfig = z.object({
  moe_intermediate_size: z.int().min(1),
  n_routed_experts: z.int().min(1).nullish(),
  n_shared_experts: z.int().min(0).nullish(),
  num_experts_per_tok: z.int().min(1),
  n_group: z.int().min(1).default(1),
  topk_group: z.int().min(1).default(1),
  routed_scaling_factor: z.number().default(1),
  norm_topk_prob: z.boolean().default(true),
  first_k_dense_replace: z.int().min(0).default(0),
  moe_layer_freq: z.int().min(1).default(1),
  scoring_func: z.string().default('sigmoid'),
  topk_method: z.string().default('noaux_tc'),
})
type Config = z.infer<typeof GroupedExpertsConfig> & {
  readonly model_type: string
  readonly num_hidden_layers: number
  readonly intermediate_size: number
}

type GroupsConfig = Pick<Config, 'n_routed_experts' | 'n_group' | 'topk_group' | 'num_experts_per_tok'>

/**
 * Describes a contradiction between the keys; null: none.
 *
 * @param expertsKey - the key of the number of experts in config.json
 */
export function groupedExpertsContradiction(config: GroupsConfig, expertsKey = 'n_routed_experts'): string | null {
  const { n_routed_experts: experts, n_group: groups, topk_group: kept, num_experts_per_tok: chosen } = config
  return experts == null ? null : groupsContradiction({ experts, expertsKey, groups, kept, chosen })
}

interface Groups {
  readonly experts: number
  /** The key of their number in config.json. */
  readonly expertsKey: string
  readonly groups: number
  readonly kept: number
  readonly chosen: number
}

/** Describes a contradiction between the numbers of experts and groups; null: none. */
export function groupsContradiction({ experts, expertsKey, groups, kept, chosen }: Groups): string | null {
  if (experts % groups !== 0) return `n_group (${groups}) does not divide ${expertsKey} (${experts})`
  if (kept > groups) return `topk_group (${kept}) exceeds n_group (${groups})`
  if (groups > 1 && experts / groups < 2) return `n_group (${groups}) leaves fewer than two experts to a group`
  if (chosen > (experts / groups) * kept)
    return `num_experts_per_tok (${chosen}) exceeds the experts of topk_group groups (${(experts / groups) * kept})`
  return null
}

/**
 * Dense first layers, then routed and shared experts. The router uses sigmoid scores, corrected for the choice, and only the best groups.
 *
 * @returns shape [layers]
 * @throws NativeError `model-unsupported`
 */
export function describeGroupedExperts(config: Config): FeedForwardDescription[] {
  requireSupported(config.model_type, 'scoring_func', config.scoring_func, ['sigmoid'])
  requireSupported(config.model_type, 'topk_method', config.topk_method, ['noaux_tc'])
  return layersOfExperts(config, groupedRouter(config))
}

type RouterConfig = Pick<Config, 'num_experts_per_tok' | 'norm_topk_prob' | 'n_group' | 'topk_group' | 'routed_scaling_factor'>

/** Sigmoid scores, corrected for the choice, among the best groups. */
export function groupedRouter(config: RouterConfig): RouterDescription {
  return plainRouter('mlp.gate', config.num_experts_per_tok, {
    scoring: 'sigmoid',
    correction: 'mlp.gate.e_score_correction_bias',
    isNormalized: config.norm_topk_prob && config.num_experts_per_tok > 1,
    groups: config.n_group,
    groupsKept: config.topk_group,
    scale: config.routed_scaling_factor,
  })
}

type LayersConfig = Pick<
  Config,
  | 'num_hidden_layers'
  | 'intermediate_size'
  | 'moe_intermediate_size'
  | 'n_routed_experts'
  | 'n_shared_experts'
  | 'first_k_dense_replace'
  | 'moe_layer_freq'
>

interface LayerOptions {
  readonly hasBias?: boolean
  readonly hasExpertBias?: boolean
  readonly sharedWidth?: number | null | undefined
  readonly stack?: string
}

/**
 * Dense first layers, then routed and shared experts chosen by `router`. Without routed experts, all layers are dense.
 *
 * @param hasBias - whether dense layers and shared experts have biases
 * @param hasExpertBias - whether routed experts have them
 * @param sharedWidth - the width of one shared expert; by default, that of a routed one
 * @param stack - the module of all experts in checkpoints that store them together
 * @returns shape [layers]
 */
export function layersOfExperts(
  config: LayersConfig,
  router: RouterDescription,
  { hasBias = false, hasExpertBias = false, sharedWidth, stack = 'mlp.switch_mlp' }: LayerOptions = {},
): FeedForwardDescription[] {
  const dense = denseFeedForward(config.intermediate_size, { hasBias })
  const { n_routed_experts: count, moe_intermediate_size: width, n_shared_experts: shared } = config
  if (count == null) return new Array<FeedForwardDescription>(config.num_hidden_layers).fill(dense)
  const sparse: FeedForwardDescription = {
    activation: 'silu',
    always: shared ? gated('mlp.shared_experts', (sharedWidth ?? width) * shared, { hasBias }) : null,
    experts: { count, width, hasBias: hasExpertBias, router, stack, single: SINGLE_EXPERTS },
  }
  const isSparse = (layer: number) => layer >= config.first_k_dense_replace && layer % config.moe_layer_freq === 0
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => (isSparse(layer) ? sparse : dense))
}
