import type { LayerRange } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import type { TokenGroupsDescription } from '../family/parts/token-groups.ts'
import type { DecoderPlan, GroupIndexPlan, GroupPoolPlan, LayerPlan, StreamMixPlan } from './decoder-plan.ts'
import { NO_ATTENTION } from './no-attention.ts'
import type { RopeList } from './rope-list.ts'
import type { WeightPlanner } from './weight-planner.ts'

/**
 * Finds the tensors of a layer that sees a window and groups of tokens.
 *
 * Tensor parallel: a rank has whole groups of heads (queries split by outputs, the first product of the results by groups, the second
 * one by inputs), and one sum over ranks follows. Keys, pools and indexes are the same on every rank.
 *
 * @param prefix - of the layer's modules, with its dot
 */
export function planTokenGroups(
  model: DecoderDescription,
  groups: TokenGroupsDescription,
  planner: WeightPlanner,
  ropes: RopeList,
  prefix: string,
  layer: number,
): Pick<LayerPlan, 'queryKeyValue' | 'attention' | 'attentionOutput'> {
  const { hiddenSize, heads: count, headDim } = model
  const { queryDim, outputDim, outputGroups } = groups
  const place = `${prefix}self_attn.`
  const module = (name: string) => planner.module(`${place}${name}`)
  const heads = planner.share(count, `the model's ${count} attention heads`)
  const own = planner.share(outputGroups, `the ${outputGroups} groups of attention heads`)
  const { seesGroups, pools, hasIndex } = groups.layers[layer] ?? { seesGroups: false, pools: false, hasIndex: false }
  return {
    queryKeyValue: [
      planner.matrix(module('q_a_proj'), { outputs: queryDim, inputs: hiddenSize }),
      planner.matrix(module('kv_proj'), { outputs: headDim, inputs: hiddenSize }),
    ],
    attention: {
      ...NO_ATTENTION,
      heads: heads.end - heads.start,
      kvHeads: 1,
      headDim,
      valueDim: headDim,
      scale: model.attentionScale,
      windowTokens: model.windowTokens[layer] ?? 0,
      rope: ropes.indexOf(seesGroups ? groups.rope : model.rope),
      sinks: { ...planner.vector(`${place}sinks`, count), columnRange: heads },
      pooled: {
        queryNorm: planner.vector(`${place}q_a_norm.weight`, queryDim),
        queryUp: planner.matrix(module('q_b_proj'), { outputs: count * headDim, inputs: queryDim, split: 'outputs' }),
        keyNorm: planner.vector(`${place}kv_norm.weight`, headDim),
        seesGroups,
        pool: pools ? planPool(model, groups, planner, `${place}compressor.`) : null,
        index: hasIndex ? planIndex(model, groups, planner, `${place}indexer.`, layer) : null,
        outputGroups: planner
          .experts(`${place}o_a_proj`, null, outputGroups)
          .slice(own.start, own.end)
          .map((group) => planner.matrix(group, { outputs: outputDim, inputs: (count / outputGroups) * headDim })),
      },
    },
    attentionOutput: [planner.matrix(module('o_b_proj'), { outputs: hiddenSize, inputs: outputGroups * outputDim, split: 'inputs' })],
  }
}

function planPool(
  { hiddenSize, headDim }: DecoderDescription,
  { tokens }: TokenGroupsDescription,
  planner: WeightPlanner,
  place: string,
): GroupPoolPlan {
  const matrix = (name: string) => planner.matrix(planner.module(`${place}${name}`), { outputs: headDim, inputs: hiddenSize })
  return {
    keyValue: matrix('kv_proj'),
    gate: tokens > 1 ? matrix('gate_proj') : null,
    norm: planner.vector(`${place}kv_norm.weight`, headDim),
  }
}

function planIndex(
  { hiddenSize, headDim }: DecoderDescription,
  { index: { heads, dim }, queryDim, layers, candidates }: TokenGroupsDescription,
  planner: WeightPlanner,
  place: string,
  layer: number,
): GroupIndexPlan {
  const module = (name: string) => planner.module(`${place}${name}`)
  const hasKeys = layers[layer]?.pools === true
  return {
    heads,
    queryUp: planner.matrix(module('q_b_proj'), { outputs: heads * dim, inputs: queryDim }),
    weights: planner.matrix(module('weights_proj'), { outputs: heads, inputs: hiddenSize }),
    areCandidatesChosen: candidates?.source === layer,
    keyDown: hasKeys ? planner.matrix(module('k_proj'), { outputs: dim, inputs: headDim }) : null,
    keyNorm: hasKeys ? planner.vector(`${place}k_norm.weight`, dim) : null,
  }
}

/** How the halves of a layer read and write streams. Every rank has the whole of it. */
export function planLayerStreams(
  { streams, hiddenSize }: DecoderDescription,
  planner: WeightPlanner,
  prefix: string,
): Pick<LayerPlan, 'attentionStreams' | 'feedForwardStreams'> {
  if (streams === null) return { attentionStreams: null, feedForwardStreams: null }
  const { count } = streams
  const outputs = 2 * count + count ** 2
  const mix = (module: string): StreamMixPlan => ({
    weights: planner.vectorOf(`${prefix}${module}.fn`, outputs * count * hiddenSize),
    base: planner.vector(`${prefix}${module}.base`, outputs),
    scale: planner.vector(`${prefix}${module}.scale`, 3),
  })
  return { attentionStreams: mix(streams.attention), feedForwardStreams: mix(streams.feedForward) }
}

/** What all stages must know of streams and groups, and what this one receives. */
export function planStageStreams(
  { streams, tokenGroups: groups, headDim }: DecoderDescription,
  { start, end }: LayerRange,
): Pick<DecoderPlan, 'streams' | 'tokenGroups'> {
  const plan = streams && { count: streams.count, rounds: streams.rounds, epsilon: streams.epsilon }
  if (!groups?.layers.some(({ pools }) => pools)) return { streams: plan, tokenGroups: null }
  const poolBefore = (layer: number) => groups.layers.findLastIndex(({ pools }, index) => pools && index <= layer)
  const seesEarlier = ({ seesGroups }: { readonly seesGroups: boolean }, layer: number) => {
    const source = poolBefore(layer)
    return layer >= start && layer < end && seesGroups && source >= 0 && source < start
  }
  const { candidates } = groups
  return {
    streams: plan,
    tokenGroups: {
      tokens: groups.tokens,
      headDim,
      indexDim: groups.index.dim,
      chosen: groups.chosen,
      candidateBlocks: candidates?.blocks ?? 0,
      blockGroups: candidates?.blockGroups ?? 1,
      areReceived: groups.layers.some(seesEarlier),
      receivedCandidates: candidates !== null && candidates.source < start,
    },
  }
}
