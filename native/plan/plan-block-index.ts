import type { BlockIndexDescription } from '../family/parts/block-index.ts'
import type { BlockIndexPlan, MatrixSource } from './decoder-plan.ts'
import type { RopeList } from './rope-list.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of an index of blocks. Tensor parallel: a rank has the queries of its groups of heads; the keys are whole on every
 * rank.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planBlockIndex(
  index: BlockIndexDescription | null,
  hiddenSize: number,
  planner: WeightPlanner,
  ropes: RopeList,
  prefix: string,
): { projections: MatrixSource[]; blockIndex: BlockIndexPlan | null } {
  if (index === null) return { projections: [], blockIndex: null }
  const { heads, dim, blockTokens, chosen, localBlocks } = index
  const own = planner.share(heads, `the ${heads} queries of the index of blocks`)
  const module = (name: string) => planner.module(`${prefix}${name}`)
  return {
    projections: [
      planner.matrix(module(index.query), { outputs: heads * dim, inputs: hiddenSize, split: 'outputs' }),
      planner.matrix(module(index.key), { outputs: dim, inputs: hiddenSize }),
    ],
    blockIndex: {
      heads: own.end - own.start,
      dim,
      blockTokens,
      chosen,
      localBlocks,
      rope: ropes.indexOf(index.rope),
      queryNorm: planner.vector(`${prefix}${index.queryNorm}.weight`, dim),
      keyNorm: planner.vector(`${prefix}${index.keyNorm}.weight`, dim),
    },
  }
}
