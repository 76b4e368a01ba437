/** A factor on an attention's results that the layer's input decides: of each head, or of each number. */
export type OutputGate = 'none' | 'head-sigmoid' | 'head-softplus' | 'element-sigmoid'

/** Queries grow with their position: 1 + beta * log(1 + floor((position + offset) / length)). */
export interface QueryGrowth {
  readonly beta: number
  readonly length: number
  readonly offset: number
}
