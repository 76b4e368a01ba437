import type { LayerRange } from '../../main/shared/shard.ts'
import type { DecoderDescription } from '../family/family.ts'
import type { PoolModules, TokenGroupsDescription } from '../family/parts/token-groups.ts'
import type { DecoderPlan, GroupIndexPlan, GroupPoolPlan, LayerPlan, StreamMixPlan } from './decoder-plan.ts'
import type { ModuleTensors } from './module-tensors.ts'
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
  const { modules } = groups
  const module = (name: string) => planner.module(`${prefix}${name}`)
  const [narrowQuery, key] =
    modules.queryKey !== undefined && planner.has(`${prefix}${modules.queryKey}`)
      ? planner.rowsOf(`${prefix}${modules.queryKey}`, [queryDim, headDim])
      : [module(modules.queryDown), module(modules.key)]
  const heads = planner.share(count, `the model's ${count} attention heads`)
  const own = planner.share(outputGroups, `the ${outputGroups} groups of attention heads`)
  const { seesGroups, pools, hasIndex } = groups.layers[layer] ?? { seesGroups: false, pools: false, hasIndex: false }
  return {
    queryKeyValue: [
      planner.matrix(narrowQuery as ModuleTensors, { outputs: queryDim, inputs: hiddenSize }),
      planner.matrix(key as ModuleTensors, { outputs: headDim, inputs: hiddenSize }),
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
      sinks: { ...planner.vector(`${prefix}${modules.sinks}`, count), columnRange: heads },
      pooled: {
        queryNorm: planner.vector(`${prefix}${modules.queryNorm}.weight`, queryDim),
        queryUp: planner.matrix(module(modules.queryUp), { outputs: count * headDim, inputs: queryDim, split: 'outputs' }),
        keyNorm: planner.vector(`${prefix}${modules.keyNorm}.weight`, headDim),
        areQueriesNormed: groups.areQueriesNormed,
        areKeysRounded: groups.areKeysRounded,
        seesGroups,
        pool: pools ? planPool(model, groups, planner, { prefix, modules: modules.pool, layer, dim: headDim }) : null,
        index: hasIndex ? planIndex(model, groups, planner, prefix, layer) : null,
        outputGroups: planner
          .parts(`${prefix}${modules.outputDown}`, outputGroups, outputDim)
          .slice(own.start, own.end)
          .map((group) => planner.matrix(group, { outputs: outputDim, inputs: (count / outputGroups) * headDim })),
      },
    },
    attentionOutput: [planner.matrix(module(modules.outputUp), { outputs: hiddenSize, inputs: outputGroups * outputDim, split: 'inputs' })],
  }
}

function planPool(
  { hiddenSize }: DecoderDescription,
  groups: TokenGroupsDescription,
  planner: WeightPlanner,
  { prefix, modules, layer, dim }: { readonly prefix: string; readonly modules: PoolModules; readonly layer: number; readonly dim: number },
): GroupPoolPlan {
  const { tokens = groups.tokens, areOverlapping = false } = groups.layers[layer] ?? {}
  const outputs = areOverlapping ? 2 * dim : dim
  const [keyValue, gate] =
    modules.both !== undefined && planner.has(`${prefix}${modules.both}`)
      ? planner.rowsOf(`${prefix}${modules.both}`, [outputs, outputs])
      : [modules.keyValue, modules.gate].map((name) => planner.module(`${prefix}${name}`))
  const size = { outputs, inputs: hiddenSize }
  return {
    tokens,
    keyValue: planner.matrix(keyValue as ModuleTensors, size),
    gate: tokens > 1 ? planner.matrix(gate as ModuleTensors, size) : null,
    gateBias: modules.gateBias === null ? null : planner.vectorOf(`${prefix}${modules.gateBias}`, tokens * outputs),
    norm: planner.vector(`${prefix}${modules.norm}.weight`, dim),
    areOverlapping,
  }
}

function planIndex(
  model: DecoderDescription,
  groups: TokenGroupsDescription,
  planner: WeightPlanner,
  prefix: string,
  layer: number,
): GroupIndexPlan {
  const { index, queryDim, layers, candidates, modules } = groups
  const { heads, dim } = index
  const module = (name: string) => planner.module(`${prefix}${name}`)
  const hasKeys = layers[layer]?.pools === true && modules.indexPool === null
  return {
    heads,
    queryUp: planner.matrix(module(modules.index.queryUp), { outputs: heads * dim, inputs: queryDim }),
    weights: planner.matrix(module(modules.index.weights), { outputs: heads, inputs: model.hiddenSize }),
    areCandidatesChosen: candidates?.source === layer,
    keyDown: hasKeys ? planner.matrix(module(modules.index.keyDown), { outputs: dim, inputs: model.headDim }) : null,
    keyNorm: hasKeys ? planner.vector(`${prefix}${modules.index.keyNorm}.weight`, dim) : null,
    pool: modules.indexPool === null ? null : planPool(model, groups, planner, { prefix, modules: modules.indexPool, layer, dim }),
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
  const mix = (names: string | readonly string[]): StreamMixPlan => {
    const place = planner.firstOf(
      [names].flat().map((name) => `${prefix}${name}`),
      'fn',
    )
    return {
      weights: planner.vectorOf(`${place}.fn`, outputs * count * hiddenSize),
      base: planner.vector(`${place}.base`, outputs),
      scale: planner.vector(`${place}.scale`, 3),
    }
  }
  return { attentionStreams: mix(streams.attention), feedForwardStreams: mix(streams.feedForward) }
}

/** What all stages must know of streams and groups, and what this one receives. */
export function planStageStreams(
  { streams, tokenGroups: groups, headDim, hiddenSize, feedForward }: DecoderDescription,
  planner: WeightPlanner,
  prefix: string,
  { start, end }: LayerRange,
  isLastStage: boolean,
): Pick<DecoderPlan, 'streams' | 'tokenGroups' | 'outputStreams'> {
  const plan = streams && {
    count: streams.count,
    rounds: streams.rounds,
    epsilon: streams.epsilon,
    areReadAnew: streams.output !== null,
    areTokensPassed: feedForward.some(({ experts }) => experts?.router.byToken !== undefined),
  }
  const place = `${prefix}${streams?.output}`
  const outputStreams =
    streams?.output != null && isLastStage
      ? {
          weights: planner.vectorOf(`${place}.fn`, streams.count * streams.count * hiddenSize),
          base: planner.vector(`${place}.base`, streams.count),
          scale: planner.vector(`${place}.scale`, 1),
        }
      : null
  if (!groups?.layers.some(({ pools }) => pools)) return { streams: plan, tokenGroups: null, outputStreams }
  const poolBefore = (layer: number) => groups.layers.findLastIndex(({ pools }, index) => pools && index <= layer)
  const seesEarlier = ({ seesGroups }: { readonly seesGroups: boolean }, layer: number) => {
    const source = poolBefore(layer)
    return layer >= start && layer < end && seesGroups && source >= 0 && source < start
  }
  const { candidates } = groups
  return {
    streams: plan,
    outputStreams,
    tokenGroups: {
      areShared: groups.layers.some(({ seesGroups, pools }) => seesGroups && !pools),
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
