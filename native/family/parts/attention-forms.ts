/** A factor on the attention's results that is computed from the layer's input, per head or per element. */
export type OutputGate = 'none' | 'head-sigmoid' | 'head-softplus' | 'element-sigmoid'

/** Queries are scaled by position: 1 + beta * log(1 + floor((position + offset) / length)). */
export interface QueryGrowth {
  readonly beta: number
  readonly length: number
  readonly offset: number
}
