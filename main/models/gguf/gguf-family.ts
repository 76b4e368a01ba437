/** A tensor that a file of a family has, and its place in the converted model. */
export interface ExpectedTensor {
  /** Within the layer's module, without `.weight`. */
  readonly module: string
  /** Number of elements per dimension, slowest first. */
  readonly shape: readonly number[]
  readonly optional?: boolean
  readonly permuted?: boolean
  /** Default: by the name in GGUF, `weight` or `bias`. Empty: the module's name is the whole name. */
  readonly suffix?: string
  readonly offset?: number
  /** A matrix of one row, which GGUF stores as a vector. */
  readonly isRow?: boolean
  /** The shape in the model, if it differs. */
  readonly written?: readonly number[]
  /** Rows that GGUF stores in another order, or apart from others of the same module. */
  readonly places?: RowPlaces
  /** Blocks of columns that GGUF stores in another order. */
  readonly columnBlocks?: ColumnBlocks
  /** GGUF stores minus the exponential. */
  readonly isDecay?: boolean
  /** Of a stack whose matrices have two modules one below the other: which of them. */
  readonly half?: 0 | 1
  /** Known, but not a part of the model. */
  readonly isIgnored?: boolean
}

export interface RowPlaces {
  /** Rows of the whole module. */
  readonly total: number
  /** Rows that stay side by side, so that they are written together. */
  readonly unit: number
  /** The place of a stored row in the module. */
  of(row: number): number
}

export interface ColumnBlocks {
  readonly columns: number
  /** The place of a stored block in a row. */
  of(block: number): number
}

/** Values of the metadata under the name of the architecture. */
export interface GgufKeys {
  number(key: string): number | null
  /** The values of all layers. */
  list(key: string): readonly number[] | null
  flag(key: string): boolean | null
  count(key: string): number
  /** The values of all layers. */
  flags(key: string): readonly boolean[] | null
  /** Factors on the wavelengths of rotary positions. */
  readonly ropeFactors: Float32Array | null
  readonly vocabSize: number
  readonly hiddenSize: number
  readonly heads: number
  readonly headDim: number
  readonly layers: number
}

export interface GgufExpertsForm {
  /** The module of a layer that contains router and experts. */
  readonly module: string
  /** Default: `gate`. */
  readonly router?: string
  /** The module of all experts, within that of the layer; default: `switch_mlp`. */
  readonly stack?: string
  /** Router and experts have biases. */
  readonly hasBias?: boolean
  /** The module of the shared experts, within that of the layer. */
  readonly shared?: string
  /** The shared experts have a gate. */
  readonly hasSharedGate?: boolean
  /** The place of the correction that is added to scores for the choice. */
  readonly correction?: readonly [module: string, suffix: string]
  /** A file may lack it. */
  readonly isCorrectionOptional?: boolean
}

/** The differences between the families that can be imported. */
export interface GgufFamily {
  /** `model_type` and the class name of the mlx-community config.json. */
  readonly modelType: string
  readonly className: string
  /** GGUF stores the rows of q and k in a different order for its own rope. */
  readonly permutesRope?: boolean
  /** Biases of queries, keys and values; default: possible unless queries and keys have norms. */
  readonly attentionBias?: 'required' | 'possible' | 'none'
  /** Norms of queries and keys, for each head or for whole rows; default: none. */
  readonly queryKeyNorm?: 'heads' | 'rows'
  /** A file may lack these norms, and config.json says so. */
  readonly isQueryKeyNormOptional?: boolean
  /** The modules of these norms; default: `q_norm` and `k_norm`. */
  readonly queryKeyNorms?: readonly [query: string, key: string]
  /** The norms of a layer by their GGUF names; default: one before each half. */
  readonly norms?: Readonly<Record<string, string>>
  /** Norms that models with parallel halves lack. */
  readonly optionalNorms?: readonly string[]
  readonly hasNormBias?: boolean
  /** What GGUF adds to the weights of norms. */
  readonly normOffset?: number
  /** Query, key and value are one module with this name, in GGUF too or only in the model. */
  readonly queryKeyValue?: string
  readonly isQueryKeyValueApart?: boolean
  /** The module of attention in a layer, and its output's; default: `self_attn` and `o_proj`. */
  readonly attention?: readonly [module: string, output: string]
  /** Attention is latent, with sizes of its own. */
  readonly isLatent?: boolean
  /** Heads have additional logits without values. */
  readonly hasSinks?: boolean
  /** Gate and up are one module with this name. */
  readonly gateUp?: string
  readonly experts?: GgufExpertsForm
  /** Only the first dimensions of a head are rotated. */
  readonly rotatesPart?: boolean
  /** Modules outside the layers, by their GGUF names, where they differ. */
  readonly top?: Readonly<Record<string, string>>
  /** Further tensors outside the layers, with their whole names. */
  readonly outside?: (model: GgufModelConfig) => Readonly<Record<string, ExpectedTensor>>
  /** The factors of rotary positions are no scaling that other families have. */
  readonly hasOwnRopeFactors?: boolean
  /** The module of all layers; default: `model.layers`. */
  readonly layers?: string
  /** All tensors of a layer, of a family whose layers differ in kind. */
  readonly layer?: (model: GgufModelConfig, layer: number) => Readonly<Record<string, ExpectedTensor>>
  /** Further keys of config.json. */
  readonly config?: (keys: GgufKeys) => Record<string, unknown>
}

/** The sizes of latent attention. */
export interface GgufLatent {
  /** The width of the narrow layer before queries; null: none. */
  readonly queryRank: number | null
  readonly rank: number
  readonly rotated: number
  readonly plain: number
  readonly value: number
}

/** Routed experts. */
export interface GgufExperts {
  readonly count: number
  /** Experts per token. */
  readonly used: number
  /** Width of one expert. */
  readonly width: number
  /** The width of all shared experts; 0: none. */
  readonly sharedWidth: number
  /** The first layers that have none. */
  readonly denseLayers: number
}

/** The sizes that the tensors are checked against, and the resulting config.json. */
export interface GgufModelConfig {
  readonly family: GgufFamily
  readonly layers: number
  readonly latent: GgufLatent | null
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly experts: GgufExperts | null
  readonly attentionHeads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabSize: number
  readonly contextTokens: number
  readonly normEpsilon: number
  readonly ropeTheta: number
  readonly ropeScaling: Readonly<Record<string, unknown>> | null
  /** The part of a head that is rotated, if it is not the whole. */
  readonly rotatedRatio: number | null
  /** Layers at the end that predict further tokens, which are left out. */
  readonly predictingLayers: number
  /** The file's own values. */
  readonly keys: GgufKeys
  /** Further keys of config.json. */
  readonly further: Readonly<Record<string, unknown>>
}
