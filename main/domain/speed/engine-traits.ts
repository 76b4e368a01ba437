/** How well an engine uses a machine. The values are found from the published points, see `published-points.ts`. */
export interface EngineTraits {
  /** Share of the bandwidth when reading weights that every token uses. */
  readonly plainShare: number
  /** The same for the weights of chosen experts, which are scattered. */
  readonly expertShare: number
  /** The same for keys and values. */
  readonly kvShare: number
  /** Operations on each weight besides reading it, such as unpacking quantized ones. */
  readonly flopsPerWeight: number
  /** Share of the operations per second when a prompt is evaluated. */
  readonly promptShare: number
  /** The same in experts, of which each sees only a few of the tokens. */
  readonly expertPromptShare: number
  /** Time to start the kernels of a layer, relative to MLX. */
  readonly layerFactor: number
}

/** MLX with compiled graphs, which this engine and mlx-lm use. */
export const MLX_TRAITS: EngineTraits = {
  plainShare: 0.97,
  expertShare: 0.7,
  kvShare: 0.55,
  flopsPerWeight: 0,
  promptShare: 0.95,
  expertPromptShare: 0.5,
  layerFactor: 1,
}
