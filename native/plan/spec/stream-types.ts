import { list, one, optional, type SpecType, struct } from './spec-type.ts'
import { matrix, tensor } from './weight-types.ts'

// Decoders with several residual streams, and the attention to pooled groups of tokens that comes with them.

export const streamMix = struct(
  { plan: 'StreamMixPlan', spec: 'StreamMixSpec' },
  'Computes, from the normalized streams of a token, how the next half of a layer reads them, how the output of this half is added to ' +
    'each, and how they are mixed.',
  {
    weights: one(tensor, '[2 * streams + streams^2, streams * hidden]'),
    base: one(tensor, '[2 * streams + streams^2]'),
    scale: one(tensor, 'Factors on what is read, added and mixed [3].'),
  },
)

export const streams = struct(
  { plan: 'StreamsPlan', spec: 'StreamsSpec' },
  'The residual state of each token is several streams, which halves of layers read as one and write back to all.',
  {
    count: one('integer'),
    rounds: one('integer', 'How often the mixes are normalized by columns and rows.'),
    epsilon: one('real'),
    areReadAnew: one('flag', 'Each half reads the streams as its own mix says; otherwise, as that of the half before does.'),
    areTokensPassed: one('flag', 'Stages pass on the ids of the tokens, since some layers choose experts by them.'),
  },
)

const groupPool = struct(
  { plan: 'GroupPoolPlan', spec: 'GroupPoolSpec' },
  'Pools the tokens of each group into one key, which is the value too, weighted by a softmax of their gates.',
  {
    tokens: one('integer', 'In a group.'),
    keyValue: one(matrix, '[head, hidden]; twice as many rows if groups overlap.'),
    gate: optional(matrix, 'Of the same shape; absent if a group is one token.'),
    gateBias: optional(tensor, "Added to the gates of a group's tokens [tokens, rows of the gate]."),
    norm: one(tensor),
    areOverlapping: one('flag', 'A group pools the first halves of the tokens of the group before, too, and the second ones of its own.'),
  },
)

const groupIndex = struct(
  { plan: 'GroupIndexPlan', spec: 'GroupIndexSpec' },
  'Chooses the groups of tokens that attention sees: each head multiplies its query with one narrow key per group.',
  {
    heads: one('integer'),
    queryUp: one(matrix, '[heads * index dim, narrow queries]'),
    weights: one(matrix, '[heads, hidden]'),
    areCandidatesChosen: one('flag', 'Only groups in the blocks that score best here are seen by later layers.'),
    keyDown: optional(matrix, '[index dim, head]: present in layers that pool groups.'),
    keyNorm: optional(tensor),
    pool: optional(groupPool, 'Keys are pooled like those of attention, and not computed from these.'),
  },
)

export const pooledAttention = struct(
  { plan: 'PooledAttentionPlan', spec: 'PooledAttentionSpec' },
  "Attention of this rank's heads to one key per token of a window, which is the value too, and to pooled groups of earlier tokens.",
  {
    queryNorm: one(tensor),
    queryUp: one(matrix),
    keyNorm: one(tensor),
    areQueriesNormed: one('flag', 'RMS norm, without a weight, of each query before the rotation.'),
    areKeysRounded: one('flag', 'Keys of tokens and groups are rounded as if stored in 8 and 4 bits.'),
    seesGroups: one('flag'),
    pool: optional(groupPool, 'Absent: the groups are those of the nearest earlier layer that pools.'),
    index: optional(groupIndex, 'Absent: the choice is that of the nearest earlier layer with an index.'),
    outputGroups: list(matrix, 'The first product of the results, for each group of heads [narrow, heads of the group * head].'),
  },
)

export const tokenGroups = struct(
  { plan: 'TokenGroupsPlan', spec: 'TokenGroupsSpec' },
  'The groups of tokens that layers pool and choose among, in all stages.',
  {
    areShared: one('flag', 'Layers see groups that another layer has pooled, and stages pass them on.'),
    tokens: one('integer', 'In a group that is shared.'),
    headDim: one('integer'),
    indexDim: one('integer'),
    chosen: one('integer', 'The number of groups that are seen at most.'),
    candidateBlocks: one('integer', 'The number of blocks of groups that later indexes choose among; 0: all.'),
    blockGroups: one('integer', 'In a block.', { initial: '1' }),
    areReceived: one('flag', 'Layers here see groups that an earlier stage has pooled.'),
    receivedCandidates: one('flag', 'A layer of an earlier stage has chosen candidates.'),
  },
)

/** Each type is declared before it is used. */
export const streamTypes: readonly SpecType[] = [streamMix, streams, groupPool, groupIndex, pooledAttention, tokenGroups]
