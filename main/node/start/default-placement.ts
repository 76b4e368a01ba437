import { PlacementRequest } from '../../shared/placement.ts'
import type { NodeConfig } from '../config/node-config.ts'

/** If memory is short, an instance without a requested context gets a smaller one, down to this. */
const LEAST_CONTEXT_TOKENS = 512
/** More than the context of any model: placement uses the model's own. */
const WHOLE_CONTEXT_TOKENS = 2 ** 31 - 1

/** The placement of models for requests that specify none. */
export function defaultPlacement(
  config: Pick<NodeConfig, 'strategy' | 'backend' | 'minNodes' | 'optimize' | 'contextTokens' | 'kvBits'>,
): PlacementRequest {
  return PlacementRequest.parse({
    strategy: config.strategy,
    backend: config.backend,
    minNodes: config.minNodes,
    ...(config.optimize !== 'memory' && { optimize: config.optimize }),
    contextTokens: config.contextTokens ?? WHOLE_CONTEXT_TOKENS,
    ...(config.kvBits === null ? {} : { kvBits: config.kvBits }),
    ...(config.contextTokens === null ? { minContextTokens: LEAST_CONTEXT_TOKENS } : {}),
  })
}
