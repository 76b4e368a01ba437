/** Fields in which null differs from the default. */
const MEANT_NULLS: ReadonlySet<string> = new Set(['q_lora_rank'])

/**
 * A config.json as Python's `config.get(key) or default` reads it: what is null is as if left out, at every depth, and a number
 * beyond all counts (`1e30`, `Infinity`) is the largest count.
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
