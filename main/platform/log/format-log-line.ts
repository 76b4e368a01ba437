const plain = /^[\w./:@%+-]+$/

function formatValue(value: unknown): string {
  if (typeof value === 'string') return plain.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null && 'message' in value) {
    const { code, message } = value as { code?: string; message: string }
    return JSON.stringify(code === undefined ? message : `${code}: ${message}`)
  }
  return JSON.stringify(value) ?? 'undefined'
}

/** The message and the fields of a line. */
export function formatLogText({ level: _level, time: _time, message, ...fields }: Readonly<Record<string, unknown>>): string {
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${formatValue(value)}`)
  return `${String(message)}${facts.join('')}`
}

/** A readable line: `14:03:22 WARN  message name=value`. Stacks appear only in the JSON format. */
export function formatLogLine(entry: Readonly<Record<string, unknown>>): string {
  return `${String(entry['time']).slice(11, 19)} ${String(entry['level']).toUpperCase().padEnd(5)} ${formatLogText(entry)}\n`
}
