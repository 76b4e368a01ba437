/** Fields in which null differs from the default. */
const MEANT_NULLS: ReadonlySet<string> = new Set([
  'q_lora_rank',
  'final_logit_softcapping',
  'global_head_dim',
  'hidden_size_per_layer_input',
  'use_double_wide_mlp',
])

/**
 * A config.json as Python's `config.get(key) or default` reads it: null values count as missing, at every depth, and a
 * number beyond any count (`1e30`, `Infinity`) becomes the largest count.
 */
export function cleanModelConfig(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => (value === null && !MEANT_NULLS.has(key) ? [] : [[key, cleanValue(value)]])),
  )
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'number') return value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : value
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? cleanModelConfig(value as Record<string, unknown>) : value
}
