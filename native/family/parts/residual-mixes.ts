/** The modules of the norm and of the vector with which states are weighed. */
export interface MixNames {
  readonly norm: string
  readonly projection: string
}

/** Halves of layers read a mix of the states before each block of layers and of what was added since. */
export interface ResidualMixes {
  /** The number of layers in a block. */
  readonly blockLayers: number
  /** Within a layer. */
  readonly attention: MixNames
  readonly feedForward: MixNames
  /** Within the decoder. */
  readonly output: MixNames
}
