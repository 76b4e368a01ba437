/** Clients' names for the levels of the schemas. */
const LEVELS: Readonly<Record<string, string>> = {
  none: 'none',
  off: 'none',
  disabled: 'none',
  disable: 'none',
  no: 'none',
  false: 'none',
  minimal: 'minimal',
  min: 'minimal',
  lowest: 'minimal',
  low: 'low',
  light: 'low',
  fast: 'low',
  medium: 'medium',
  normal: 'medium',
  standard: 'medium',
  balanced: 'medium',
  on: 'medium',
  enabled: 'medium',
  true: 'medium',
  high: 'high',
  hard: 'high',
  deep: 'high',
  xhigh: 'xhigh',
  'x-high': 'xhigh',
  very_high: 'xhigh',
  max: 'xhigh',
  maximum: 'xhigh',
  highest: 'xhigh',
  ultra: 'xhigh',
}

/** The nearest level; null, the model's own choice, for `auto`, `default`, nothing, and unknown levels. */
export function lenientEffort(value: unknown): string | null {
  if (typeof value === 'boolean') return value ? 'medium' : 'none'
  return typeof value === 'string' && Object.hasOwn(LEVELS, value.trim().toLowerCase())
    ? (LEVELS[value.trim().toLowerCase()] ?? null)
    : null
}
