import type { AttentionPlan, QueryGrowth } from './decoder-plan.ts'

export const NO_GROWTH: QueryGrowth = { beta: 0, length: 1, offset: 0 }

/** The attention of a layer that has something else in its place, and the default of every field of one that has it. */
export const NO_ATTENTION: AttentionPlan = {
  heads: 0,
  kvHeads: 0,
  headDim: 0,
  valueDim: 0,
  scale: 1,
  windowTokens: 0,
  rope: 0,
  queryNorm: null,
  keyNorm: null,
  normedQueryWidth: 0,
  normedKeyWidth: 0,
  isNormedAfterRotation: false,
  keysOf: -1,
  areKeysReceived: false,
  areKeysSent: false,
  areHeadsNormed: false,
  areValuesKeys: false,
  areValuesNormed: false,
  valueScale: 1,
  softCap: 0,
  queryGrowth: NO_GROWTH,
  outputGate: 'none',
  sinks: null,
  latent: null,
  blockIndex: null,
  deltaNet: null,
  mamba: null,
  lightning: null,
  shortConvolution: null,
  pooled: null,
}
