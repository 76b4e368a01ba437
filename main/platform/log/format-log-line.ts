const plain = /^[\w./:@%+-]+$/

function formatValue(value: unknown): string {
  if (typeof value === 'string') return plain.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null && 'message' in value) {
    const { code, message } = value as { code?: string; message: string }
    return JSON.stringify(code === undefined ? message : `${code}: ${message}`)
  }
  return JSON.stringify(value) ?? 'undefined'
}

/** A readable line: `14:03:22 WARN  message name=value`. Stacks appear only in the JSON format. */
export function formatLogLine(entry: Readonly<Record<string, unknown>>): string {
  const { level, time, message, ...fields } = entry
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${formatValue(value)}`)
  return `${String(time).slice(11, 19)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}${facts.join('')}\n`
}
