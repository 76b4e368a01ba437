const SECRET_NAMES = new Set([
  'authorization',
  'cookie',
  'password',
  'secret',
  'apikey',
  'apitoken',
  'clusterkey',
  'privatekey',
  'accesstoken',
  'hftoken',
  'hubtoken',
])
const SECRET_ENVIRONMENT = /^[A-Z0-9_]+_(TOKEN|KEY|SECRET|PASSWORD)$/
const SECRET_TEXT = /\b(Bearer\s+)[\w.~+/-]+=*|\b(hf_|sk-)[\w-]{8,}/g
const MAX_DEPTH = 8

const isSecretName = (name: string): boolean =>
  SECRET_ENVIRONMENT.test(name) || SECRET_NAMES.has(name.replaceAll(/[-_]/g, '').toLowerCase())

/**
 * A copy of a value for the JSON log: values under secret names and bearer tokens in texts are replaced, and errors
 * become `{ code?, message, stack, details?, cause? }`.
 */
export function redactSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string')
    return value.replaceAll(SECRET_TEXT, (_match, bearer?: string, prefix?: string) => `${bearer ?? prefix ?? ''}[redacted]`)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.map((item) => redactSecrets(item, depth + 1))
  if (value instanceof Error) return redactSecrets(errorFields(value), depth)
  if (value instanceof Date) return value.toISOString()
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isSecretName(name) ? '[redacted]' : redactSecrets(item, depth + 1)]),
  )
}

function errorFields(error: Error): Record<string, unknown> {
  return { ...error, message: error.message, stack: error.stack, ...(error.cause === undefined ? {} : { cause: error.cause }) }
}
