import { z } from 'zod'
import { NativeError } from '../../native-error.ts'

/** The keys of config.json for attention windows. */
export const WindowConfig = z.object({
  num_hidden_layers: z.int().min(1),
  /** 0: no window. */
  sliding_window: z.int().min(0).nullish(),
  layer_types: z.array(z.string()).nullish(),
})
type WindowConfig = z.infer<typeof WindowConfig>

/**
 * Which layers have a window, by `layer_types`; null if the config does not have that key.
 * @throws NativeError `model-unsupported` for an unknown kind of layer; `model-damaged` if layers have no kind
 */
export function windowedLayers({
  num_hidden_layers: layers,
  layer_types: types,
}: Pick<WindowConfig, 'num_hidden_layers' | 'layer_types'>): boolean[] | null {
  if (!types) return null
  const unknown = types.find((type) => type !== 'full_attention' && type !== 'sliding_attention')
  if (unknown !== undefined)
    throw new NativeError(
      'model-unsupported',
      `config.json: layers of the type ${unknown} (layer_types) are not supported; supported: full_attention, sliding_attention.`,
      { key: 'layer_types', value: unknown },
    )
  if (types.length < layers)
    throw new NativeError('model-damaged', `config.json: layer_types names ${types.length} of ${layers} layers.`, { key: 'layer_types' })
  return types.slice(0, layers).map((type) => type === 'sliding_attention')
}

/** Qwen's own keys: windows apply only with `use_sliding_window`, from the layer `max_window_layers` on. */
export const QwenWindowConfig = WindowConfig.extend({
  use_sliding_window: z.boolean().nullish(),
  max_window_layers: z.int().min(0).nullish(),
})

const QWEN_FIRST_WINDOWED = 28

/** Shape [layers], in positions; 0: all. */
export function qwenWindows(config: z.infer<typeof QwenWindowConfig>): number[] {
  const named = windowedLayers(config)
  const window = config.use_sliding_window ? (config.sliding_window ?? 4096) : 0
  const isWindowed = (layer: number) => named?.[layer] ?? layer >= (config.max_window_layers ?? QWEN_FIRST_WINDOWED)
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => (isWindowed(layer) ? window : 0))
}
